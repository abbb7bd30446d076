import { texts } from '../arrays.js';
import { nothing, type Statement } from '../statement.js';

export interface Notification {
  readonly channel: string;
  readonly payload: string;
}

export const notify: Statement<Notification, void> = {
  name: 'notify',
  sql: `select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as a(channel, payload)`,
  bind: (ops) => [
    texts(ops.map(({ channel }) => channel)),
    texts(ops.map(({ payload }) => payload)),
  ],
  read: nothing,
};
