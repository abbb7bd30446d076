/** What lies undispatched in an outbox that another library wrote. */
import { OncectlError } from '../../engine/errors.js';
import type { ForeignKind, ForeignRow, ForeignRowDetail } from '../../engine/foreign.js';
import type { Operation } from '../operation.js';
import { foreignNamed } from './open.js';

export interface ForeignPage {
  readonly outbox: string;
  readonly kind: ForeignKind;
  readonly table: string;
  readonly rows: readonly ForeignRow[];
  readonly next: string | null;
  /** All rows that match, of every page. */
  readonly total: number;
  /** Whether `outbox repair` may send them. */
  readonly repairable: boolean;
  /** How its own library finishes them, and where that is written. */
  readonly finishing: { readonly how: string; readonly source: string };
}

/** Reads only. Errors: `usage` for a name that the profile does not have, the database's. */
export async function foreignPage(
  { foreign }: Operation,
  name: string,
  query: { readonly olderThanMs: number; readonly limit: number; readonly after: string | null },
): Promise<ForeignPage> {
  const { outbox } = foreignNamed(foreign, name);
  const olderThan = Date.now() - query.olderThanMs;
  const rows = await outbox.list({ olderThan, after: query.after, limit: query.limit });
  const isLast = rows.length < query.limit;
  return {
    outbox: name,
    kind: outbox.kind,
    table: outbox.table,
    rows,
    next: isLast ? null : (rows.at(-1)?.cursor ?? null),
    total: await outbox.count(olderThan),
    repairable: outbox.dispatch !== null,
    finishing: outbox.finishing,
  };
}

export interface ShownForeignRow extends Pick<ForeignPage, 'outbox' | 'kind' | 'finishing'> {
  readonly row: ForeignRowDetail;
}

/** One row, dispatched or not. Errors: `usage`, `not-found`, the database's. */
export async function foreignRow(
  { foreign }: Operation,
  name: string,
  id: string,
): Promise<ShownForeignRow> {
  const { outbox } = foreignNamed(foreign, name);
  const row = await outbox.show(id);
  if (row) return { outbox: name, kind: outbox.kind, finishing: outbox.finishing, row };
  throw new OncectlError('not-found', `no row of ${outbox.table} has the id "${id}"`, {
    about: id,
    hint: `oncectl outbox list --outbox ${name} shows those that wait`,
  });
}
