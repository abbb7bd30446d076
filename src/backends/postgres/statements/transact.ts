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
  findExpected,
  isExpected,
  noteChanges,
  type PackedChange,
  weighChange,
} from '../packed-change.js';
import { byPosition, type Row, type Statement } from '../statement.js';
import { Claim } from '../waiters.js';
import { clock } from './clock.js';
import { createEntities } from './create-entities.js';
import { copyKey, isHeld, type Receipt } from './receipt.js';

export interface Transact {
  readonly change: PackedChange;
  readonly receipt: Receipt;
  readonly outgoing: readonly PackedMessage[];
}

type Outcome = 'done' | 'gone';

const own = changeTypes.length;
/** Endpoint, due, copy and receives of each operation: what `isHeld` asks for. */
const receipts = `$1::text[], $${own + 1}::bigint[], $${own + 2}::bigint[], $${own + 3}::bigint[]`;
const arrays = [...changeTypes, 'bigint', 'bigint', 'bigint']
  .map((type, at) => `$${at + 1}::${type}[]`)
  .join(', ');

/**
 * The local transaction: of the copies that are held, those whose entity is at the expected version
 * leave the queue, with their state saved and their outgoing rows inserted.
 *
 * That a copy is held is read before its entity is locked, and no lock of its own keeps it so: that
 * would be a third write for each message. Where somebody else took it meanwhile, the removal finds
 * less than was changed. Then a division by zero undoes all of it, and the call is run again, on what is
 * there by then. A copy is removed by its place, since it is the row that was read or none: one that
 * changed meanwhile is not counted either.
 */
export const transactSql = `with ${clock}, changed as (
    update entities e set ${applyChange}
    from unnest(${arrays}) with ordinality as a(${changeColumns}, due, copy, receives, n)
    ${findExpected}
    cross join lateral (select q.ctid as place from queue q where ${isHeld} offset 0) held
    where ${isExpected}
    returning ${changedColumns}, a.receives, held.place
  ), taken as (
    delete from queue q using changed c
    where q.ctid = c.place and q.receives = c.receives and q.holder is not null
    returning 1
  ), ${noteChanges}, sent as (
    ${insertRows} from ${queueRows(own + 4, 'sender bigint')}, clock
    where (m.sender in (select n from changed)) is true
  )
  select a.n,
    case when a.n in (select n from changed) then 'done'
      else (select 'held' from queue q where ${isHeld}) end,
    now, (select 1 / (count(*) = (select count(*) from taken))::integer from changed)
  from unnest(${receipts}) with ordinality as a(endpoint, due, copy, receives, n), clock`;

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
        const queued = call.rows.filter(({ sender }) => found[sender - 1]?.[1] === 'done');
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
  if (row?.[1] === 'done') return 'done';
  if (row?.[1] !== 'held') return 'gone';
  const { endpoint = '', key = '', expected = 0 } = op?.change ?? {};
  return new Conflict(`${endpoint}/${key} is no longer at version ${expected}`);
}
