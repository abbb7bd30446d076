/** Breaks a sentence at blanks into lines of at most `width` columns; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  return fill(text.split(/\s+/), ' ', width);
}

/** The same for a list with commas: an item is never torn. */
export function wrapItems(items: readonly string[], width: number): string[] {
  return fill(items, ', ', width);
}

function fill(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : line + separator + part;
    if (line !== '' && [...longer].length > width) {
      lines.push(line);
      line = part;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
