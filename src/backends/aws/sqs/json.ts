/**
 * JSON of ASCII alone: what SQS refuses in an attribute (control characters, U+FFFE, half a surrogate
 * pair) is escaped like everything else beyond ASCII. So a byte is a character, and any text passes.
 */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
