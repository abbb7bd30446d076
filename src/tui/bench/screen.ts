/** What a view is drawn on, apart from the state. */
import { fitLine, type Line, lineWidth, span } from '../../report/ansi.js';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Plain ASCII instead of block and line characters. */
  readonly ascii: boolean;
  /** The viewer's clock, ms. */
  readonly now: number;
  readonly paused: boolean;
  /** How often ^C was pressed. */
  readonly interrupts: number;
}

/** A titled rule over `columns`. */
export function rule(title: string, columns: number, ascii: boolean): Line {
  const dash = ascii ? '-' : '─';
  const head = `${dash} ${title} `;
  return [span(head + dash.repeat(Math.max(0, columns - [...head].length)), 'gray')];
}

/** As many items as fit, two blanks apart; the rest is dropped from the right, the first is cut. */
export function inRow(items: readonly Line[], columns: number): Line {
  const row: Line[number][] = [span(' ')];
  let used = 1;
  for (const item of items) {
    const gap = used > 1 ? 2 : 0;
    if (row.length > 1 && used + gap + lineWidth(item) > columns) break;
    row.push(span(' '.repeat(gap)), ...item);
    used += gap + lineWidth(item);
  }
  return fitLine(row, columns);
}
