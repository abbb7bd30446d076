import type { Found } from '../verify/index.js';
export function explainText(what: string, found: Found, _workers: number, _width: number): string {
  return `${what}: ${found.text}`;
}
