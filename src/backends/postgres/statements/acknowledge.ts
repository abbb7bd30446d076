import { nothing, type Statement } from '../statement.js';
import { asked, bindHeld, type Held, holds } from './receipt.js';

/** Removes the copy; with a stale receipt, nothing. */
export const acknowledge: Statement<Held, void> = {
  name: 'acknowledge',
  sql: `delete from queue q using ${asked()} where ${holds}`,
  bind: bindHeld,
  read: nothing,
};
