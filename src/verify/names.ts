/**
 * Minted ids as names: `t3` (a transaction), `t3.0` (its first message), `p3.0` (a payload) bear nonce 3.
 * Programs, stores and handlers compare ids for equality and do nothing else with them (P2 of the
 * effects; a handler may write its transaction's id as a word of its own), so a world in which all
 * nonces are exchanged consistently has the same futures up to these names.
 */

/** Nonces that one world can tell apart at a time; a bit each in a mask. */
export const mostNonces = 30;

const minted = /\b([tp])(\d+)/g;

/** By nonce: the nonce that takes its place. */
export type Renaming = Readonly<Record<number, number>>;

/** The nonces that the text mentions, in the order in which it first does. */
export function noncesIn(text: string): number[] {
  const found: number[] = [];
  for (const [, , digits] of text.matchAll(minted)) {
    const nonce = Number(digits);
    if (nonce >= mostNonces) throw new Error(`a nonce beyond ${mostNonces}: ${text}`);
    if (!found.includes(nonce)) found.push(nonce);
  }
  return found;
}

/** Bit n: nonce n is among them. */
export function maskOf(nonces: readonly number[]): number {
  return nonces.reduce((mask, nonce) => mask | (1 << nonce), 0);
}

/** The smallest nonce that nothing in the world mentions: whatever bore it before is forgotten. */
export function freshNonce(mask: number): number {
  for (let nonce = 0; nonce < mostNonces; nonce++) if (((mask >> nonce) & 1) === 0) return nonce;
  throw new Error(`more than ${mostNonces} ids alive at once: smaller bounds are needed`);
}

/** The text without its nonces: the first that it mentions is told as #0, the next as #1. */
export function shapeOf(text: string): string {
  const nonces = noncesIn(text);
  return text.replace(minted, (_, kind, digits) => `${kind}#${nonces.indexOf(Number(digits))}`);
}

export function renamedText(text: string, to: Renaming): string {
  return text.replace(minted, (_, kind, digits) => `${kind}${to[Number(digits)]}`);
}

/** The same value under other names: texts and keys are renamed, all else is left as it is. */
export function renamed<T>(value: T, to: Renaming): T {
  return renamedPart(value, to) as T;
}

function renamedPart(value: unknown, to: Renaming): unknown {
  if (typeof value === 'string') return renamedText(value, to);
  if (Array.isArray(value)) return value.map((one) => renamedPart(one, to));
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  const parts = Object.entries(value).map(([key, part]) => [
    renamedText(key, to),
    renamedPart(part, to),
  ]);
  return Object.fromEntries(parts);
}
