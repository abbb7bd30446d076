/** The one place that turns a command's result into text: table, TSV, ids or one JSON document. */

/** A cell: the same on a terminal and in a pipe, or short for people and exact for programs. */
export type Cell =
  | string
  | number
  | null
  | { readonly shown: string; readonly exact: string | number };

export interface Table {
  readonly columns: readonly { readonly name: string; readonly align?: 'left' | 'right' }[];
  readonly rows: readonly (readonly Cell[])[];
  /** What a terminal shows instead of a table without rows. */
  readonly empty?: string;
}

export interface CommandResult {
  /** Command with dots, `bench.list`: names the schema `oncectl/bench.list/v1`. */
  readonly name: string;
  /** What `--json` carries as `data`. */
  readonly data: unknown;
  /** Further fields of the document: `deployment`, `query`, `page`, `coverage`. */
  readonly about?: object;
  readonly table?: Table;
  /** Prose, or a file byte for byte. Printed above the table, in a pipe only without a table. */
  readonly text?: string | ((style: Style) => string);
  /** What `-q` prints, a line each; the table's first column by default. */
  readonly ids?: readonly string[];
  readonly warnings?: readonly string[];
  /** 0 by default. */
  readonly exitCode?: number;
}

export interface Style {
  readonly color: boolean;
  /** Columns of the terminal; 80 when unknown. */
  readonly width: number;
}

export type OutputFormat = 'terminal' | 'pipe' | 'json' | 'ids';

export interface OutputOptions extends Style {
  readonly format: OutputFormat;
}

export interface OutputFlags {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

export interface OutputTarget {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What flags, environment and terminal ask for together; a flag beats the environment. */
export function outputOptions(flags: OutputFlags, target: OutputTarget): OutputOptions {
  const shown = target.isTTY ? 'terminal' : 'pipe';
  return {
    format: flags.json ? 'json' : flags.quiet ? 'ids' : shown,
    color: wantsColor(flags.color, target),
    width: target.columns ?? 80,
  };
}

/** Colour by flag, else by NO_COLOR, TERM=dumb, CI and whether somebody looks. */
export function wantsColor(flag: OutputFlags['color'], target: OutputTarget): boolean {
  if (flag !== 'auto') return flag === 'always';
  const { NO_COLOR: noColor, TERM: term, CI: ci } = target.env;
  return target.isTTY && !noColor && term !== 'dumb' && !ci;
}

export interface Rendered {
  readonly stdout: string;
  /** Warnings; in a JSON document they are part of it. */
  readonly stderr: string;
}

/** Renders a result. `at` is when it was obtained. */
export function renderResult(result: CommandResult, options: OutputOptions, at: Date): Rendered {
  if (options.format === 'json') return { stdout: jsonDocument(result, at), stderr: '' };
  const stderr = (result.warnings ?? []).map((warning) => `warning: ${warning}\n`).join('');
  return { stdout: textOf(result, options), stderr };
}

function jsonDocument(result: CommandResult, at: Date): string {
  const document = {
    schema: `oncectl/${result.name}/v1`,
    at: at.toISOString(),
    ...result.about,
    data: result.data,
    warnings: result.warnings ?? [],
  };
  return `${JSON.stringify(document)}\n`;
}

function textOf(result: CommandResult, options: OutputOptions): string {
  if (options.format === 'ids') return lines(result.ids ?? firstColumn(result.table));
  if (options.format === 'pipe' && result.table !== undefined) return separated(result.table);
  return prose(result, options) + (result.table ? aligned(result.table) : '');
}

function prose(result: CommandResult, style: Style): string {
  const text = typeof result.text === 'function' ? result.text(style) : (result.text ?? '');
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function firstColumn(table: Table | undefined): string[] {
  return table?.rows.map((row) => exact(row[0] ?? null)) ?? [];
}

/** TSV: no header, nothing truncated. */
function separated(table: Table): string {
  return lines(table.rows.map((row) => row.map(exact).join('\t')));
}

function aligned(table: Table): string {
  if (table.rows.length === 0) return `${table.empty ?? 'nothing'}\n`;
  const header = table.columns.map((column) => column.name.toUpperCase());
  const rows = [header, ...table.rows.map((row) => row.map(shown))];
  const widths = table.columns.map((_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? '').length)),
  );
  return lines(rows.map((row) => alignedRow(row, table, widths)));
}

function alignedRow(row: readonly string[], table: Table, widths: readonly number[]): string {
  const cells = table.columns.map((column, at) => {
    const text = row[at] ?? '';
    const width = widths[at] ?? 0;
    return column.align === 'right' ? text.padStart(width) : text.padEnd(width);
  });
  return cells.join('  ').trimEnd();
}

function shown(cell: Cell): string {
  if (cell === null) return '-';
  return typeof cell === 'object' ? cell.shown : String(cell);
}

/** Tabs and line ends would break the row. */
function exact(cell: Cell): string {
  if (cell === null) return '';
  return String(typeof cell === 'object' ? cell.exact : cell).replaceAll(/[\t\r\n]+/g, ' ');
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
