/** Errors without what differs from message to message, so that many failures become few causes. */

const longest = 300;

/** In this order: what is quoted first, then what is longest. */
const variable: readonly (readonly [RegExp, string])[] = [
  [/"(?:[^"\\]|\\.)*"/g, '"..."'],
  [/(?<![\p{L}\p{N}])'(?:[^'\\]|\\.)*'(?![\p{L}\p{N}])/gu, "'...'"],
  [/`[^`]*`/g, '`...`'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<id>'],
  [/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, '<id>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\d+(?:[.,:]\d+)*/g, '#'],
];

/**
 * The first line, at most 300 characters: ids, hexadecimal, numbers and quoted text stand as `<id>`,
 * `<hex>`, `#` and `"..."`. Normalising twice changes nothing. "no error kept" for null.
 */
export function normalisedError(error: string | null): string {
  if (error === null) return 'no error kept';
  const [line = ''] = error.trim().split(/\r?\n/, 1);
  let text = line;
  for (const [pattern, stand] of variable) text = text.replace(pattern, stand);
  return text.replaceAll(/\s+/g, ' ').slice(0, longest).trimEnd();
}
