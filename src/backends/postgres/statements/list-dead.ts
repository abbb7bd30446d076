import type { Message } from '../../../engine/message.js';
import type { DeadLetter } from '../../../engine/ports.js';
import { bigints, texts } from '../arrays.js';
import { unpackFailures, unpackHex } from '../records.js';
import type { Statement } from '../statement.js';

export interface DeadPage {
  readonly endpoint: string;
  /** The last copy of the page before; -1 for the first page. */
  readonly after: number;
  readonly limit: number;
}

/** Dead letters in the order in which their copies were made. */
export const listDead: Statement<DeadPage, readonly DeadLetter[]> = {
  name: 'list-dead',
  sql: `select a.n, d.* from unnest($1::text[], $2::bigint[], $3::bigint[]) with ordinality
      as a(endpoint, after, most, n)
    cross join lateral (
      select copy, dead_at, receives, failures, message from dead
      where endpoint = a.endpoint and copy > a.after order by copy limit a.most
    ) d`,
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    bigints(ops.map(({ after }) => after)),
    bigints(ops.map(({ limit }) => limit)),
  ],
  read: (ops, rows) => {
    const found: DeadLetter[][] = ops.map(() => []);
    for (const [n, copy, deadAt, receives, failures, message] of rows) {
      found[Number(n) - 1]?.push({
        message: unpackHex<Message>(message ?? ''),
        receipt: copy ?? '',
        receives: Number(receives),
        deadAt: Number(deadAt),
        failures: unpackFailures(failures),
      });
    }
    return found;
  },
};
