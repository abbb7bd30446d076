/** The run as it goes on, a line for a sample; and each table from a quarter of it to its end. */

const sampleColumns = [
  ['at', ({ atSeconds }) => `${atSeconds.toFixed(0)} s`],
  ['handled/s', ({ handledPerSecond }) => handledPerSecond.toFixed(0)],
  ['queue p50', ({ queueWait }) => `${queueWait.p50Ms.toFixed(1)} ms`],
  ['queue p99', ({ queueWait }) => `${queueWait.p99Ms.toFixed(1)} ms`],
  ['hop p99', ({ hop }) => `${hop.p99Ms.toFixed(1)} ms`],
  ['worker cpu', ({ workerMsPerMessage }) => `${workerMsPerMessage.toFixed(2)} ms`],
  ['server cpu', ({ serverMsPerMessage }) => `${serverMsPerMessage.toFixed(2)} ms`],
  ['rows', ({ tables }) => String(sum(tables, 'live'))],
  ['dead', ({ tables }) => String(sum(tables, 'dead'))],
  ['tables', ({ tables }) => mebibytes(sum(tables, 'tableBytes'))],
  ['indexes', ({ tables }) => mebibytes(sum(tables, 'indexBytes'))],
  ['vacuums', ({ tables }) => String(sum(tables, 'vacuums'))],
  ['others', ({ othersCores }) => othersCores.toFixed(2)],
];

const width = 11;
const sum = (tables, field) => tables.reduce((total, table) => total + table[field], 0);
const mebibytes = (bytes) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

export function sampleHeads() {
  return sampleColumns.map(([head]) => head.padStart(width)).join('');
}

export function sampleLine(sample) {
  return sampleColumns.map(([, of]) => of(sample).padStart(width)).join('');
}

const steps = [0.25, 0.5, 0.75, 1];

/** Rows that died and size of each table at four times, and what was done to it in all. */
export function tableLines(samples) {
  const at = steps.map((share) => samples[Math.ceil(share * samples.length) - 1]);
  const last = samples.at(-1);
  const heads = at.map(({ atSeconds }) => `${atSeconds.toFixed(0)} s: dead, MiB`.padStart(20));
  const lines = [`${'table'.padEnd(16)}${heads.join('')}${'vacuums'.padStart(9)}  hot updates`];
  for (const { name, vacuums, updated, hotUpdated } of last.tables) {
    const cells = at.map(({ tables }) => cellOf(tables.find((table) => table.name === name)));
    const hot = updated === 0 ? '-' : `${((100 * hotUpdated) / updated).toFixed(0)} %`;
    lines.push(`${name.padEnd(16)}${cells.join('')}${String(vacuums).padStart(9)}  ${hot}`);
  }
  return lines;
}

function cellOf(table) {
  if (table === undefined) return '-'.padStart(20);
  const { dead, tableBytes, indexBytes } = table;
  return `${dead}, ${((tableBytes + indexBytes) / 1024 ** 2).toFixed(1)}`.padStart(20);
}
