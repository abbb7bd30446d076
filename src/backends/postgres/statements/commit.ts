import { Conflict } from '../../../engine/errors.js';
import {
  applyChange,
  bindChanges,
  changeColumns,
  changedColumns,
  changeKeys,
  changeOrder,
  changeTypes,
  findExpected,
  isExpected,
  noteChanges,
  type PackedChange,
  weighChange,
} from '../packed-change.js';
import { byPosition, type Statement } from '../statement.js';
import { createEntities } from './create-entities.js';

const arrays = changeTypes.map((type, at) => `$${at + 1}::${type}[]`).join(', ');

/**
 * State and entry together, on the version that was loaded; a `Conflict` when another one is there.
 * Resolves with the new version.
 */
export const commit: Statement<PackedChange, number> = {
  name: 'commit',
  sql: `with changed as (
      update entities e set ${applyChange}
      from unnest(${arrays}) with ordinality as a(${changeColumns}, n)
      ${findExpected}
      where ${isExpected}
      returning ${changedColumns}
    ), ${noteChanges}
    select n from changed`,
  prelude: createEntities((change) => change),
  keysOf: changeKeys,
  order: changeOrder,
  weigh: weighChange,
  bind: bindChanges,
  read: (ops, rows) =>
    byPosition(ops, rows).map((row, at) => {
      const { endpoint = '', key = '', expected = 0 } = ops[at] ?? {};
      if (row) return expected + 1;
      return new Conflict(`${endpoint}/${key} is no longer at version ${expected}`);
    }),
};
