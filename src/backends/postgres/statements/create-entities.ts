import { texts } from '../arrays.js';
import type { PackedChange } from '../packed-change.js';
import type { Prelude } from '../statement.js';

const sql = `insert into entities (endpoint, key, version)
  select endpoint, key, 0 from unnest($1::text[], $2::text[]) as a(endpoint, key)
  on conflict do nothing`;

/**
 * Rows of version 0 for entities that nobody wrote yet: the same as no row at all. With them a commit
 * that creates is the same conditional update as any other.
 */
export function createEntities<Op>(changeOf: (op: Op) => PackedChange): Prelude<Op> {
  return {
    name: 'create-entities',
    sql,
    bind: (ops) => {
      const creating = ops.map(changeOf).filter(({ expected }) => expected === 0);
      if (creating.length === 0) return null;
      return [
        texts(creating.map(({ endpoint }) => endpoint)),
        texts(creating.map(({ key }) => key)),
      ];
    },
  };
}
