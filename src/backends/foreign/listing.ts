/** Listing and counting, the same for every kind: over a query that yields the rows not dispatched. */
import { OncectlError } from '../../engine/errors.js';
import type { ForeignQuery, ForeignRow } from '../../engine/foreign.js';
import type { Sessions } from './sessions.js';

/** What the query of a kind yields for each row; `null::type` for what it does not have. */
export interface ListedRow {
  readonly id: string;
  /** Of type timestamptz. */
  readonly created_at: unknown;
  readonly messages: number;
  readonly about: string | null;
  readonly key: string | null;
  readonly attempts: number | null;
  readonly note: string | null;
  readonly digest: string | null;
}

interface FoundRow extends ListedRow {
  /** Milliseconds since the epoch. */
  readonly created_ms: number | null;
  /** All its digits, for the cursor. */
  readonly place: string;
}

/**
 * How the rows of a kind are found: first which they are, then, of the page alone, what is in them. So a
 * page costs no more than its rows, and an index on the time of creation serves.
 */
export interface Listing {
  /** Yields `id`, `created_at` and what `details` needs, of every row not dispatched. */
  readonly keys: string;
  /** Yields a `ListedRow` for the row of `keys` that is called `picked`. */
  readonly details: string;
  readonly hasAlwaysTime: boolean;
}

const isOlder = '(r.created_at is null or r.created_at < to_timestamp($1::float8 / 1000))';

/** A row without a time of creation comes last. */
function placeSql({ hasAlwaysTime }: Listing): string {
  return hasAlwaysTime ? 'r.created_at' : "coalesce(r.created_at, 'infinity')";
}

export async function listRows(
  sessions: Sessions,
  listing: Listing,
  { olderThan, after, limit }: ForeignQuery,
): Promise<readonly ForeignRow[]> {
  const [afterPlace, afterId] = after === null ? [null, null] : placeOf(after);
  const place = placeSql(listing);
  const isAfter =
    after === null
      ? '$2::text is null and $3::text is null'
      : `${place} >= $2::timestamptz and (${place}, r.id collate "C") > ($2::timestamptz, $3)`;
  const found = await sessions.read((client) =>
    client.query<FoundRow>(
      `with picked as materialized (
        select r.*, ${place} as place from (${listing.keys}) r where ${isOlder} and ${isAfter}
        order by ${place}, r.id collate "C" limit $4::integer)
      select d.*, (extract(epoch from d.created_at) * 1000)::float8 as created_ms,
        picked.place::text as place
      from picked cross join lateral (${listing.details}) d
      order by picked.place, picked.id collate "C"`,
      [olderThan, afterPlace, afterId, limit],
    ),
  );
  return found.rows.map((row) => ({
    id: row.id,
    createdAt: row.created_ms,
    messages: row.messages,
    about: row.about,
    key: row.key,
    attempts: row.attempts,
    note: row.note,
    digest: row.digest,
    cursor: Buffer.from(JSON.stringify([row.place, row.id])).toString('base64url'),
  }));
}

export async function countRows(
  sessions: Sessions,
  { keys }: Listing,
  olderThan: number,
): Promise<number> {
  const { rows } = await sessions.read((client) =>
    client.query<{ count: number }>(
      `select count(*)::float8 as count from (${keys}) r where ${isOlder}`,
      [olderThan],
    ),
  );
  return rows[0]?.count ?? 0;
}

function placeOf(cursor: string): readonly [string, string] {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof at === 'string' && typeof id === 'string') return [at, id];
  } catch {
    // It is no cursor of ours either way.
  }
  throw new OncectlError('usage', 'this is not the cursor of a page of a foreign outbox', {
    about: cursor.slice(0, 40),
    hint: 'take it from the page before (page.next of --json)',
  });
}
