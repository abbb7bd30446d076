/** Which sections stand where: a narrow column up to 140 columns, two beside each other above. */
import { fitLine, type Line, lineWidth, padLine, span, spread } from '../../report/ansi.js';
import { formatCount, formatMs } from '../../report/format.js';
import {
  auditLine,
  backlogLine,
  backlogTable,
  faultLines,
  faultsLine,
  resourcesLine,
  thresholdItems,
} from './details.js';
import { headerLine, oneLine, progressLine, ratesLine } from './head.js';
import { benchKeys } from './keys.js';
import { latencyTable } from './latency.js';
import { plotLines, ratePlot } from './plots.js';
import { inRow, rule, type Screen } from './screen.js';
import type { BenchState } from './state.js';

const smallest = { columns: 60, rows: 16 };
const wide = { columns: 140, rows: 40 };

/**
 * The screen's lines, never more than `rows - 1` and never wider than `columns`: ink clears the
 * whole terminal, scrollback included, when a frame fills it.
 */
export function benchLines(state: BenchState, screen: Screen): Line[] {
  const height = Math.max(1, screen.rows - 1);
  return draw(state, screen, height)
    .slice(0, height)
    .map((line) => fitLine(line, screen.columns));
}

function draw(state: BenchState, screen: Screen, height: number): Line[] {
  const { columns, rows } = screen;
  if (columns < smallest.columns || rows < smallest.rows) return [oneLine(state, screen)];
  const isWide = columns >= wide.columns && rows >= wide.rows;
  const body = isWide ? wideBody(state, screen, height - 2) : narrowBody(state, screen, height - 2);
  const fill: Line[] = new Array(Math.max(0, height - 2 - body.length)).fill([]);
  return [...body, ...fill, runLine(state, screen), keyLine(screen)];
}

interface Section {
  readonly lines: readonly Line[];
  /** The section with the smallest number goes first when there is no room. */
  readonly keep: number;
}

function narrowBody(state: BenchState, screen: Screen, height: number): Line[] {
  const { columns, ascii } = screen;
  const build = (chartRows: number): Section[] => [
    { keep: 9, lines: [headerLine(state, screen), progressLine(state, screen)] },
    { keep: 8, lines: [ratesLine(state, screen)] },
    {
      keep: 3,
      lines: [
        rule('handled/s by second   ^ fault', columns, ascii),
        ...ratePlot(state, chartRows, screen),
      ],
    },
    { keep: 7, lines: [rule('latency from the intended time, ms', columns, ascii)] },
    { keep: 7, lines: latencyTable(state, columns, screen) },
    { keep: 4, lines: [rule('backlog, audit, faults, cpu of one core', columns, ascii)] },
    { keep: 5, lines: [backlogLine(state, columns)] },
    { keep: 6, lines: [auditLine(state, columns)] },
    { keep: 6, lines: [faultsLine(state, columns)] },
    { keep: 4, lines: [resourcesLine(state, columns)] },
    { keep: 5, lines: thresholdRow(state, columns) },
  ];
  const spare = height - heightOf(build(2));
  return fitSections(build(Math.max(2, Math.min(8, 2 + spare))), height);
}

function heightOf(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + section.lines.length, 0);
}

function fitSections(sections: readonly Section[], height: number): Line[] {
  let kept = sections;
  while (heightOf(kept) > height && kept.length > 1) {
    const least = Math.min(...kept.map((section) => section.keep));
    kept = kept.filter((section) => section.keep > least);
  }
  return kept.flatMap((section) => section.lines);
}

/** What fits of all thresholds on one line, missed ones first, and how many there are. */
function thresholdRow(state: BenchState, columns: number): Line[] {
  const items = thresholdItems(state);
  if (items.length < 2) return items.map((item) => [span(' '), ...item]);
  const count = [span(` of ${items.length} `, 'gray')];
  return [spread(inRow(items, columns - lineWidth(count)), count, columns)];
}

/** Thresholds on at most `rows` lines; what does not fit is counted. */
function thresholdLines(state: BenchState, columns: number, rows: number): Line[] {
  const items = thresholdItems(state);
  if (items.length <= rows) return items.map((item) => [span(' '), ...item]);
  const rest = items.length - rows;
  return items
    .slice(0, rows)
    .map((item, index) =>
      index === rows - 1
        ? spread([span(' '), ...item], [span(` +${rest} more `, 'gray')], columns)
        : [span(' '), ...item],
    );
}

function wideBody(state: BenchState, screen: Screen, height: number): Line[] {
  const { columns, ascii } = screen;
  const half = Math.floor(columns / 2);
  const top = [
    headerLine(state, screen),
    progressLine(state, screen),
    ratesLine(state, screen),
    rule('handled/s by second   ^ fault', columns, ascii),
    ...ratePlot(state, height >= 44 ? 8 : 4, screen),
  ];
  const left = leftColumn(state, screen, half - 2);
  const right = rightColumn(state, screen, columns - half, left.length);
  const bottom = [
    rule('backlog, all endpoints together', columns, ascii),
    ...plotLines(
      state,
      { value: (p) => p.backlog, label: formatCount, rows: 4, columns, color: 'yellow' },
      screen,
    ),
    rule('faults and warnings, newest first', columns, ascii),
    faultsLine(state, columns),
  ];
  const used = top.length + left.length + bottom.length;
  const strikes = faultLines(state, Math.max(0, height - used));
  return [...top, ...beside(left, right, half, ascii), ...bottom, ...strikes].slice(0, height);
}

function leftColumn(state: BenchState, screen: Screen, columns: number): Line[] {
  const { ascii } = screen;
  return [
    rule('latency from the intended time, ms', columns, ascii),
    ...latencyTable(state, columns, screen),
    rule('hop p99 by second, ms', columns, ascii),
    ...plotLines(
      state,
      { value: (p) => p.hopP99, label: formatMs, rows: 4, columns, color: 'cyan' },
      screen,
    ),
    rule('chain p99 by second, ms', columns, ascii),
    ...plotLines(
      state,
      { value: (p) => p.chainP99, label: formatMs, rows: 4, columns, color: 'cyan' },
      screen,
    ),
  ];
}

function rightColumn(state: BenchState, screen: Screen, columns: number, height: number): Line[] {
  const { ascii } = screen;
  const thresholds = thresholdLines(state, columns, 3);
  const fixed = [
    rule('audit so far', columns, ascii),
    auditLine(state, columns),
    rule('cpu, share of one core', columns, ascii),
    resourcesLine(state, columns),
    ...(thresholds.length > 0 ? [rule('thresholds', columns, ascii), ...thresholds] : []),
  ];
  const rows = Math.max(1, height - fixed.length - 1);
  return [
    rule('backlog by endpoint: now, peak', columns, ascii),
    ...backlogTable(state, columns, rows, screen),
    ...fixed,
  ];
}

function beside(
  left: readonly Line[],
  right: readonly Line[],
  width: number,
  ascii: boolean,
): Line[] {
  const bar = span(ascii ? '| ' : '│ ', 'gray');
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, index) => [
    ...padLine(left[index] ?? [], width - 2),
    bar,
    ...(right[index] ?? []),
  ]);
}

function runLine(state: BenchState, screen: Screen): Line {
  if (screen.interrupts > 0) {
    const text =
      screen.interrupts === 1
        ? ' stopping: drains for at most 3 s, then reports; ^C again stops at once'
        : ' stopping now; what was measured so far is kept';
    return [span(text, 'yellow', true)];
  }
  if (state.start === null) return [];
  return [span(` run: ${state.start.folder}`, 'gray')];
}

function keyLine(screen: Screen): Line {
  const items = benchKeys.map(
    (key): Line => [span(key.label, 'cyan'), span(` ${key.description}`)],
  );
  const last = items.pop() ?? [];
  return spread(inRow(items, screen.columns), [...last, span(' ')], screen.columns);
}
