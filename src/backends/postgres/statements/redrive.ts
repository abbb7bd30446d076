import { bigints, texts } from '../arrays.js';
import { isKeyed } from '../planner.js';
import { byPosition, type Statement } from '../statement.js';
import { clock } from './clock.js';

export interface Redrive {
  readonly endpoint: string;
  readonly deadCopy: number;
  /** The message goes back as a new copy: no old receipt names it. */
  readonly newCopy: number;
}

/** Puts a dead letter back; false when it is gone. */
export const redrive: Statement<Redrive, boolean> = {
  name: 'redrive',
  sql: `with ${clock}, taken as (
      delete from dead d
      using unnest($1::text[], $2::bigint[], $3::bigint[]) with ordinality
        as a(endpoint, copy, new_copy, n)
      where ${isKeyed('d', 'a', ['endpoint', 'copy'])}
      returning d.*, a.new_copy, a.n
    ), queued as (
      insert into queue
        (endpoint, due, copy, leased_until, receives, failures, message_id, message)
      select endpoint, clock.now, new_copy, 0, 0, failures, message_id, message from taken, clock
    )
    select n from taken`,
  keysOf: ({ deadCopy }) => [`dead ${deadCopy}`],
  bind: (ops) => [
    texts(ops.map(({ endpoint }) => endpoint)),
    bigints(ops.map(({ deadCopy }) => deadCopy)),
    bigints(ops.map(({ newCopy }) => newCopy)),
  ],
  read: (ops, rows) => byPosition(ops, rows).map((row) => row !== undefined),
};
