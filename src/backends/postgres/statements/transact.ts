import { Conflict, type OncectlError } from '../../../engine/errors.js';
import { bigints } from '../arrays.js';
import {
  bindRows,
  type HandOver,
  insertRows,
  type PackedMessage,
  type QueueRow,
  queueRows,
} from '../hand-over.js';
import {
  applyChange,
  bindChanges,
  changeColumns,
  changedColumns,
  changeKeys,
  changeOrder,
  changeTypes,
  isExpected,
  noteChanges,
  type PackedChange,
  weighChange,
} from '../packed-change.js';
import { byPosition, type Row, type Statement } from '../statement.js';
import { Claim } from '../waiters.js';
import { clock } from './clock.js';
import { createEntities } from './create-entities.js';
import { copyKey, holds, isCopy, type Receipt } from './receipt.js';

export interface Transact {
  readonly change: PackedChange;
  readonly receipt: Receipt;
  readonly outgoing: readonly PackedMessage[];
}

type Outcome = 'done' | 'gone';

const arrays = changeTypes.map((type, at) => `$${at + 1}::${type}[]`).join(', ');
const firstOwn = changeTypes.length + 1;

/**
 * The local transaction: of the copies that are held, those whose entity is at the expected version
 * leave the queue, with their state saved and their outgoing rows inserted. The lock on the copy comes
 * first, so nobody can lease it between the check and the removal.
 */
export const transactSql = `with ${clock}, held as materialized (
    select a.* from unnest(${arrays}, $${firstOwn}::bigint[], $${firstOwn + 1}::bigint[],
      $${firstOwn + 2}::bigint[]) with ordinality as a(${changeColumns}, due, copy, receives, n)
    join queue q on ${holds}
    for update of q
  ), changed as (
    update entities e set ${applyChange} from held a
    where ${isExpected}
    returning ${changedColumns}, a.due, a.copy
  ), taken as (
    delete from queue q using changed c
    where ${isCopy('q', 'c')}
  ), ${noteChanges}, sent as (
    ${insertRows} from ${queueRows(firstOwn + 3, 'sender bigint')}, clock
    where (m.sender in (select n from changed)) is true
  )
  select n, (n in (select n from changed)) is true, now from held, clock`;

interface TransactCall {
  readonly rows: readonly { readonly row: QueueRow; readonly sender: number }[];
  readonly claim: Claim;
}

export function transactStatement(handOver: HandOver): Statement<Transact, Outcome> {
  const calls = new WeakMap<Transact, TransactCall>();
  return {
    name: 'transact',
    sql: transactSql,
    prelude: createEntities(({ change }) => change),
    order: ({ change }) => changeOrder(change),
    keysOf: ({ change, receipt }) => [
      ...changeKeys(change),
      copyKey({ endpoint: change.endpoint, receipt }),
    ],
    weigh: ({ change, outgoing }) =>
      weighChange(change) + outgoing.reduce((sum, { bytes }) => sum + bytes.length, 0),
    bind: (ops) => {
      const claim = new Claim();
      const rows = ops.flatMap(({ outgoing }, at) =>
        outgoing.map((one) => ({ row: handOver.plan(one, 0, claim), sender: at + 1 })),
      );
      if (ops[0]) calls.set(ops[0], { rows, claim });
      return [
        ...bindChanges(ops.map(({ change }) => change)),
        bigints(ops.map(({ receipt }) => receipt.due)),
        bigints(ops.map(({ receipt }) => receipt.copy)),
        bigints(ops.map(({ receipt }) => receipt.receives)),
        ...bindRows(rows.map(({ row }) => row)),
        bigints(rows.map(({ sender }) => sender)),
      ];
    },
    read: (ops, answer) => {
      const found = byPosition(ops, answer);
      const call = ops[0] && calls.get(ops[0]);
      if (call) {
        const queued = call.rows.filter(({ sender }) => found[sender - 1]?.[1] === 't');
        handOver.queued(
          queued.map(({ row }) => row),
          Number(answer[0]?.[2]),
        );
        handOver.settle(call.claim);
      }
      return found.map((row, at) => outcomeOf(row, ops[at]));
    },
    failed: (ops) => {
      const call = ops[0] && calls.get(ops[0]);
      if (call) handOver.settle(call.claim);
    },
  };
}

function outcomeOf(row: Row | undefined, op: Transact | undefined): Outcome | OncectlError {
  if (!row) return 'gone';
  if (row[1] === 't') return 'done';
  const { endpoint = '', key = '', expected = 0 } = op?.change ?? {};
  return new Conflict(`${endpoint}/${key} is no longer at version ${expected}`);
}
