/**
 * Text with a meaning per piece, and the one place that turns it into escape sequences. Only the 16
 * ANSI colours, so that every terminal theme stays readable; colour never stands alone.
 */
export type Color = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'gray';

export interface Span {
  readonly text: string;
  readonly color?: Color;
  readonly bold?: boolean;
}

export type Line = readonly Span[];

const codes: Readonly<Record<Color, number>> = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  gray: 90,
};

/** A span of text from elsewhere: control characters become spaces, so a line stays one line. */
export function span(text: string, color?: Color, bold = false): Span {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  const safe = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return color === undefined ? { text: safe, bold } : { text: safe, color, bold };
}

/** Columns that a line takes on a terminal (every character we print is one column wide). */
export function lineWidth(line: Line): number {
  return line.reduce((sum, piece) => sum + [...piece.text].length, 0);
}

/** Cuts a line at `width` columns. */
export function fitLine(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const piece of line) {
    if (left <= 0) break;
    const characters = [...piece.text];
    kept.push(
      characters.length > left ? { ...piece, text: characters.slice(0, left).join('') } : piece,
    );
    left -= characters.length;
  }
  return kept;
}

/** Cuts or fills up to exactly `width` columns. */
export function padLine(line: Line, width: number): Line {
  const missing = width - lineWidth(line);
  return missing > 0 ? [...line, { text: ' '.repeat(missing) }] : fitLine(line, width);
}

/** `left` and `right` at the two ends of `width` columns; `left` gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  return room <= 0 ? fitLine(right, width) : [...padLine(left, room), ...right];
}

/** The finished string; without colour it holds no escape sequence at all. */
export function paint(line: Line, color: boolean): string {
  return line.map((piece) => paintSpan(piece, color)).join('');
}

function paintSpan(piece: Span, color: boolean): string {
  const styles = [piece.bold ? 1 : null, piece.color ? codes[piece.color] : null];
  const set = styles.filter((code) => code !== null);
  if (!color || set.length === 0 || piece.text === '') return piece.text;
  return `\u001b[${set.join(';')}m${piece.text}\u001b[0m`;
}
