/** Helpers of the upkeep's cases. */
import assert from 'node:assert/strict';
import type { PageQuery, QueuedCopy } from '../../src/engine/upkeep.js';
import type { Context } from './case.js';
import { eventually, id } from './fixtures.js';

/** Clocks of the two sides, and a millisecond of rounding. */
const tolerance = 50;

/** Ids that share a beginning with one another and with no other id. */
export function family(): { readonly prefix: string; readonly named: (name: string) => string } {
  const prefix = `f${id()}`;
  return { prefix, named: (name) => `${prefix}-${name}` };
}

/** Whether the broker's search receives, and so misses what is hidden. */
export function receives({ capabilities }: Context): boolean {
  return capabilities.searching === 'receives';
}

export const unlessReceiving = (why: string) => (capabilities: Context['capabilities']) =>
  capabilities.searching === 'receives' ? why : undefined;

/**
 * The answer of a search, in the order of message ids: asked once, since a read is not older than the
 * call (U3). Who searches by receiving is asked until `count` copies are there.
 */
export async function search(
  context: Context,
  ask: () => Promise<readonly QueuedCopy[]>,
  count: number,
): Promise<readonly QueuedCopy[]> {
  const found = receives(context)
    ? await eventually(
        `${count} copies`,
        context.capabilities.patience,
        ask,
        (copies) => copies.length >= count,
      )
    : await ask();
  return [...found].sort((left, right) => (left.message.id < right.message.id ? -1 : 1));
}

export function idsOf(copies: readonly QueuedCopy[]): string[] {
  return copies.map((copy) => copy.message.id).sort();
}

/**
 * Every row of a listing, page by page, behind the id of the last one; `between` runs after each full
 * page. Fails on a page longer than its limit, and on one that ends the listing before it should.
 */
export async function pagesOf<Row>(
  list: (page: PageQuery) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
  query: { readonly prefix?: string; readonly limit: number },
  between: (page: readonly Row[]) => Promise<void> = async () => {},
): Promise<Row[]> {
  const { prefix = '', limit } = query;
  const found: Row[] = [];
  for (let after: string | null = null; ; ) {
    const page: readonly Row[] = await list({ prefix, after, limit });
    assert.ok(page.length <= limit, 'a page longer than its limit');
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined) return found;
    after = idOf(last);
    await between(page);
  }
}

export function near(actual: number | null | undefined, from: number, to: number, what: string) {
  const isNear =
    typeof actual === 'number' && actual >= from - tolerance && actual <= to + tolerance;
  assert.ok(isNear, `${what}: ${actual} is not between ${from} and ${to}`);
}
