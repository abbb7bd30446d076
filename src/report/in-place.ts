/**
 * Redraws a few lines of text where they stand, on the normal screen: what was there before stays above,
 * and the last picture stays when it ends. No line may hold escape sequences of its own.
 */
export interface InPlaceTarget {
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  write(text: string): unknown;
}

const beginUpdate = '\u001b[?2026h';
const endUpdate = '\u001b[?2026l';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';
const eraseScreen = '\u001b[2J\u001b[H';

export class InPlace {
  readonly #target: InPlaceTarget;
  #drawn = 0;
  #columns = 0;

  constructor(target: InPlaceTarget) {
    this.#target = target;
  }

  /** Shows these lines instead of the last ones; what does not fit is cut. */
  draw(lines: readonly string[]): void {
    const { columns = 80, rows = 24 } = this.#target;
    const fitting = lines.slice(0, rows - 1).map((line) => safe(line).slice(0, columns - 1));
    const text = fitting.map((line) => `${line}${eraseLine}\n`).join('');
    this.#target.write(`${beginUpdate}${this.#back(columns)}${text}${eraseBelow}${endUpdate}`);
    this.#drawn = fitting.length;
    this.#columns = columns;
  }

  /** Leaves the last picture, and the cursor below it. */
  end(): void {
    if (this.#columns > 0) this.#target.write(showCursor);
  }

  /** To where the last picture begins. After a resize nobody knows where that is. */
  #back(columns: number): string {
    if (this.#columns === 0) return hideCursor;
    if (columns !== this.#columns) return eraseScreen;
    return this.#drawn === 0 ? '\r' : `\r\u001b[${this.#drawn}A`;
  }
}

/** Names and errors come from elsewhere: a control character would break the picture. */
function safe(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  return line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
