/**
 * What the planner may choose: nothing. Tables of a queue are empty at one look of its statistics and
 * hold a backlog at the next, and a prepared statement keeps its plan in between. A plan made for an
 * empty table reads all of it for each row it is asked for, seconds instead of a millisecond. So each
 * statement is written, and each session set, so that one shape is possible, whatever the statistics
 * say: the operations first, and for each of them a descent into the index of its key.
 *
 * N1 Reads ask for each operation in a subquery of its own, `cross join lateral (... offset 0)`: the
 *    planner cannot turn that round, nor pull it up. Nothing stands in it but the key, or what follows
 *    the key in the same index: a condition on another indexed column would invite that index.
 * N2 Writes name their table's row by `isKeyed`. With plain equality of the whole key the planner may
 *    read the table in the order of its index and look for the operation of each row.
 *    Or by its place (ctid), found by N1, where a row that changed meanwhile may or must be missed: the
 *    place names one version of a row, and a search for it sees no later one.
 * N3 Where the key is one column, writes compare it with the array of keys itself: there is no join.
 *
 * Sequential and bitmap scans, hash and merge joins are off for good: each reads what was not asked for.
 * What counts a whole table does so by name (`business-leftovers`, `dedupe-leftovers`).
 */
export const planner = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
} as const;

/**
 * Row `row` of a table, the one that `asked` names by the columns of the table's key, in their order.
 * The first is compared as a member of an array of one: this is found by the index as equality is, but
 * it is no equality that the order of an index could serve to join by. So without an operation at hand
 * there is no way into the table (N2), and a row that changed meanwhile is compared again as ever.
 */
export function isKeyed(row: string, asked: string, [first, ...more]: readonly string[]): string {
  const others = more.map((column) => ` and ${row}.${column} = ${asked}.${column}`).join('');
  return `${row}.${first} = any(array[${asked}.${first}])${others}`;
}
