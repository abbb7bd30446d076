/** `verify --explain`: a schedule with a column for each worker and each repair, and what it does to the stores. */
import type { Bounds, Found, View } from '../verify/index.js';
import { nameOf, type Who } from '../verify/move.js';
import { wrap } from './wrap.js';

const numberWidth = 4;
const gap = 2;
const narrowest = 12;
const world = nameOf({ worker: 0 });

/** What each invariant says, when it is broken. */
const meanings: Readonly<Record<Found['invariant'], string>> = {
  I1: 'a message is lost',
  I2: 'a message is applied twice',
  I3: 'something leaked that was never committed',
  I4: 'one message has two outcomes',
  I5: 'the outcome is not that of one message after another',
  I6: 'something stays behind for ever',
  progress: 'it never comes to an end',
};

/** At most `width` columns wide, unless a single word is wider. */
export function explainText(
  head: string,
  found: Found,
  { workers, repairs = 0 }: Pick<Bounds, 'workers' | 'repairs'>,
  width: number,
): string {
  const { trace, views } = found;
  const actors: Who[] = Array.from({ length: workers }, (_, index) => ({ worker: index + 1 }));
  for (let repair = 1; repair <= repairs; repair++) actors.push({ worker: 0, repair });
  const columns = actors.map(nameOf);
  if (trace.some((move) => nameOf(move) === world)) columns.push(world);
  const each = Math.max(narrowest, Math.floor((width - numberWidth) / columns.length) - gap);
  const lines = [head, '', columnsLine('', columns, each)];
  lines.push(...changes({}, views[0] ?? {}, width));
  trace.forEach((move, index) => {
    const { what, note } = move;
    const text = wrap(note ? `${what}: ${note}` : what, each);
    text.forEach((part, at) => {
      const cells = columns.map((column) => (column === nameOf(move) ? part : ''));
      lines.push(columnsLine(at === 0 ? String(index + 1) : '', cells, each));
    });
    lines.push(...changes(views[index] ?? {}, views[index + 1] ?? {}, width));
  });
  const broken = `What went wrong: ${meanings[found.invariant]} (${found.invariant}). ${found.text}.`;
  return [...lines, '', ...wrap(broken, width)].join('\n');
}

function columnsLine(number: string, cells: readonly string[], each: number): string {
  const padded = cells.map((cell) => cell.padEnd(each));
  return `${number.padStart(numberWidth)}${' '.repeat(gap)}${padded.join(' '.repeat(gap))}`.trimEnd();
}

/** Who holds a lease is seen from the columns: of the queue only what comes and goes is told. */
function changes(before: View, after: View, width: number): string[] {
  const indent = ' '.repeat(numberWidth + 2 * gap);
  return Object.entries(after).flatMap(([name, text]) => {
    const isNew = before[name] === undefined;
    if (isNew ? text === 'empty' : before[name] === text) return [];
    return wrap(`> ${name}: ${text}`, width - indent.length).map((line) => indent + line);
  });
}
