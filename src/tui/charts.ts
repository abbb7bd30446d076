/** Charts as finished strings, one column a value: data in, text out. */

export interface ChartStyle {
  /** Plain ASCII instead of block characters. */
  readonly ascii: boolean;
}

const blocks = ' ▁▂▃▄▅▆▇█';
const plain = ' ._-=+*%#';

/**
 * One row. `null` is a gap; a value above zero never looks like nothing. Values above `max` are cut.
 */
export function sparkline(
  values: readonly (number | null)[],
  style: ChartStyle,
  max = highest(values),
): string {
  return values.map((value) => cell(value, 0, max, 1, style)).join('');
}

/** `rows` strings, top first; every value takes one column. */
export function columnChart(
  values: readonly (number | null)[],
  rows: number,
  max: number,
  style: ChartStyle,
): string[] {
  return Array.from({ length: rows }, (_, index) => {
    const below = rows - 1 - index;
    return values.map((value) => cell(value, below, max, rows, style)).join('');
  });
}

/** A bar of `width` columns filled to `share` (0..1). */
export function progressBar(share: number, width: number, style: ChartStyle): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  const [full, empty] = style.ascii ? ['#', '.'] : ['█', '░'];
  return full.repeat(filled) + empty.repeat(width - filled);
}

/** The end of a series, in exactly `width` columns: gaps on the left when it is shorter. */
export function lastColumns(
  values: readonly (number | null)[],
  width: number,
): readonly (number | null)[] {
  const tail = values.slice(Math.max(0, values.length - width));
  return [...new Array<null>(Math.max(0, width - tail.length)).fill(null), ...tail];
}

/** The next of 1, 2, 4, 5, 8, 10 times a power of ten: a scale that does not jump with each value. */
export function niceMax(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 8, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

export function highest(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

function cell(
  value: number | null,
  rowsBelow: number,
  max: number,
  rows: number,
  style: ChartStyle,
): string {
  if (value === null) return ' ';
  const levels = style.ascii ? plain : blocks;
  const eighths = max > 0 ? (Math.min(value, max) / max) * rows * 8 : 0;
  // The lowest row always shows something: zero is a value, not a gap.
  const level = Math.round(eighths - rowsBelow * 8);
  return levels[Math.min(8, Math.max(rowsBelow === 0 ? 1 : 0, level))] ?? ' ';
}
