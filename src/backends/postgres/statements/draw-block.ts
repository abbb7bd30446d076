import type { Statement } from '../statement.js';

/** The next block of numbers for queue copies. */
export const drawBlock: Statement<null, number> = {
  name: 'draw-block',
  sql: `select nextval('copy_blocks')`,
  keysOf: () => ['block'],
  bind: () => [],
  read: (ops, rows) => ops.map(() => Number(rows[0]?.[0])),
};
