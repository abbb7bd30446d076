import { byteas } from '../arrays.js';
import { nothing, type Statement } from '../statement.js';
import { asked, bindHeld, copyKey, type Held, holds } from './receipt.js';

export interface Burial extends Held {
  readonly reason: Buffer;
}

/** Moves the copy to the dead letters, the reason behind its failures. */
export const bury: Statement<Burial, void> = {
  name: 'bury',
  sql: `with taken as (
      delete from queue q using ${asked('reason bytea')} where ${holds}
      returning q.*, a.reason
    )
    insert into dead (endpoint, copy, dead_at, receives, failures, message_id, message)
    select endpoint, copy, extract(epoch from statement_timestamp()) * 1000, receives,
      coalesce(failures, '') || reason, message_id, message
    from taken`,
  keysOf: (op) => [copyKey(op)],
  bind: (ops) => [...bindHeld(ops), byteas(ops.map(({ reason }) => reason))],
  read: nothing,
};
