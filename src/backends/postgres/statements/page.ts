/** A page of a listing: the ids that begin with a prefix, behind the last one of the page before. */
import type { PageQuery } from '../../../engine/upkeep.js';
import { escapeText } from '../records.js';

/**
 * Condition, order and limit of a page by this column; `$2` to `$4` are `pageValues`. A prefix is a
 * range of the column's index, since the server knows the pattern when it plans.
 */
export function inPage(column: string, first = 2): string {
  const [pattern, after, limit] = [first, first + 1, first + 2];
  return `${column} like $${pattern}::text and ($${after}::text is null or ${column} > $${after}::text)
    order by ${column} limit $${limit}::bigint`;
}

export function pageValues({ prefix, after, limit }: PageQuery): unknown[] {
  const pattern = `${escapeText(prefix).replace(/[\\%_]/g, '\\$&')}%`;
  return [pattern, after === null ? null : escapeText(after), limit];
}
