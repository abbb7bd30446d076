/** The reference of all keys, `docs/profiles.md`, read off the schema and the tables. */
import { protocolNames } from '../engine/protocols/names.js';
import { boundaries } from '../engine/protocols/steps.js';
import { type ConsumerFamily, contractTable } from './contract.js';
import { metrics } from './metrics.js';
import type { Schema } from './schema.js';

/** The page as Markdown, its parts to be joined by empty lines. */
export function profileReference(schema: Schema): readonly string[] {
  return [
    '# Profiles',
    introduction,
    '## Keys',
    ...sections(schema, schema, ''),
    '## Boundaries of `kill` and `stall`',
    table(['protocol', 'boundaries'], boundaryRows()),
    '## Who can send to whom',
    contractText,
    table(['producer \\ consumer', ...consumers], contractRows()),
    '## Numbers for thresholds',
    thresholdText,
    table(['numbers of', 'unit', 'numbers'], metricRows()),
  ];
}

const introduction = `A profile is one YAML file: what exists, what enters, what goes wrong, and
what must hold. \`oncectl profile init\` writes one to begin with, \`oncectl profile validate FILE\`
checks it, and the first line of the file lets an editor check and complete it while you type.

- Quantities carry their unit: \`1m30s\`, \`500ms\`; \`50/s\`, \`3000/min\`; \`200B\`, \`1KiB\`, \`1kB\`
  (1000 bytes); \`1 %\`. A number without its unit is refused, not guessed at.
- \`\${NAME}\` and \`\${NAME:-default}\` in a value are environment variables; \`$$\` is one \`$\`. An
  unset one without a default is refused. Inside \`{ }\` and \`[ ]\` YAML wants quotes around them.
- \`--set load.rate=80/s\` replaces one value; \`faults[0].every=2s\`, \`load.stages.steady.duration=5m\`
  and \`deployment.endpoints[name.with.dots].concurrency=8\` reach into lists, by number or by name.
- Every problem is told with file, line, column and key, all of them at once; exit 104.`;

const contractText = `\`ok\`: they can. \`doubles\`: only with \`deployment.control: true\`.
\`dropped\` (everything) and \`bridge\` (needs one between them): refused.`;

const thresholdText = `A threshold is a number of \`result.json\`, one of \`<\` \`<=\` \`>\` \`>=\` \`==\`, and
a value: \`stages.steady.latency.hop.p99 < 20ms\`. Without \`stages.NAME.\` (and without \`latency.\`)
it is about every measured stage, the worst of which counts: \`hop.p99 < 20ms\`.`;

const consumers = Object.keys(contractTable['id-based']) as ConsumerFamily[];

function contractRows(): string[][] {
  return Object.entries(contractTable).map(([producer, row]) => [
    producer,
    ...consumers.map((consumer) => row[consumer].verdict),
  ]);
}

function boundaryRows(): string[][] {
  return protocolNames.map((name) => [
    `\`${name}\``,
    boundaries(name)
      .map((boundary) => `\`${boundary}\``)
      .join(', '),
  ]);
}

/** One row for the numbers that stand side by side and have one unit. */
function metricRows(): string[][] {
  const rows = new Map<string, string[]>();
  for (const { path, unit } of metrics) {
    const place = path.slice(0, -1).map((segment, depth) => {
      if (segment !== '*') return segment;
      return depth === 1 ? 'STAGE' : 'ENDPOINT';
    });
    const key = `\`${place.join('.') || 'result.json'}\`|${unit === 'flag' ? 'true or false' : unit}`;
    rows.set(key, [...(rows.get(key) ?? []), `\`${path.at(-1)}\``]);
  }
  return [...rows].map(([key, names]) => [...key.split('|'), names.join(', ')]);
}

/** A table of a map's keys, followed by those of the maps and lists inside it. */
function sections(root: Schema, schema: Schema, path: string): string[] {
  const required = schema.required ?? [];
  const rows: string[][] = [];
  const inner: string[] = [];
  for (const [key, written] of Object.entries(schema.properties ?? {})) {
    const property = dereference(root, written);
    const full = path === '' ? key : `${path}.${key}`;
    rows.push([
      `\`${full}\`${required.includes(key) ? ' (required)' : ''}`,
      kindOf(property),
      defaultOf(property),
      property.description ?? '',
    ]);
    if (property.properties !== undefined) inner.push(...sections(root, property, full));
    if (property.items?.properties !== undefined) {
      inner.push(...sections(root, property.items, `${full}[]`));
    }
  }
  const heading = path === '' ? [] : [`### \`${path}\``];
  return [...heading, table(['key', 'value', 'default', 'meaning'], rows), ...inner];
}

function dereference(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace('#/definitions/', '');
  return name === undefined ? schema : { ...root.definitions?.[name], ...schema };
}

function kindOf({ enum: allowed, title, type, minimum, maximum, quantity }: Schema): string {
  if (allowed !== undefined) {
    return allowed
      .filter((value) => typeof value === 'string')
      .map((value) => `\`${value}\``)
      .join(', ');
  }
  const base = title ?? [type].flat().join(' or ');
  const limits = quantity === undefined ? rangeOf(minimum, maximum) : limitsOf(quantity);
  return limits === '' ? base : `${base}; ${limits}`;
}

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  return minimum === undefined || maximum === undefined ? '' : `${minimum} to ${maximum}`;
}

function limitsOf({ above, atLeast, atMost }: NonNullable<Schema['quantity']>): string {
  const limits = [
    above === undefined ? null : `more than ${above}`,
    atLeast === undefined ? null : `at least ${atLeast}`,
    atMost === undefined ? null : `at most ${atMost}`,
  ];
  return limits.filter((limit) => limit !== null).join(', ');
}

function defaultOf({ default: value }: Schema): string {
  if (value === undefined || value === '' || typeof value === 'object') return '';
  return `\`${String(value)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
