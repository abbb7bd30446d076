/** Every statement of the PostgreSQL backend with operations on rows of `fill`, for whoever runs them all. */
import { Copies } from '../../src/backends/postgres/copies.js';
import { HandOver, packMessages } from '../../src/backends/postgres/hand-over.js';
import { packChange } from '../../src/backends/postgres/packed-change.js';
import type { Statement, Value } from '../../src/backends/postgres/statement.js';
import { acknowledge } from '../../src/backends/postgres/statements/acknowledge.js';
import { bury } from '../../src/backends/postgres/statements/bury.js';
import { commit } from '../../src/backends/postgres/statements/commit.js';
import { addRecord, hasRecord } from '../../src/backends/postgres/statements/dedupe.js';
import { depth } from '../../src/backends/postgres/statements/depth.js';
import { drawBlock } from '../../src/backends/postgres/statements/draw-block.js';
import { enterStatement } from '../../src/backends/postgres/statements/enter.js';
import {
  businessLeftovers,
  deadPages,
  dedupeLeftovers,
  entityPages,
  entryPages,
  payloadPages,
  queuePages,
  serverProcess,
  storeBytes,
} from '../../src/backends/postgres/statements/evidence.js';
import { extend } from '../../src/backends/postgres/statements/extend.js';
import { dropRecords, takeRecords } from '../../src/backends/postgres/statements/journal.js';
import { listDead } from '../../src/backends/postgres/statements/list-dead.js';
import {
  pendingEntries,
  pendingSlots,
} from '../../src/backends/postgres/statements/list-pending.js';
import { load } from '../../src/backends/postgres/statements/load.js';
import { notify } from '../../src/backends/postgres/statements/notify.js';
import {
  deletePayload,
  getPayload,
  putPayload,
} from '../../src/backends/postgres/statements/payload.js';
import {
  purgeDedupe,
  purgeDispatched,
  purgeEntered,
} from '../../src/backends/postgres/statements/purge.js';
import { receive } from '../../src/backends/postgres/statements/receive.js';
import { redrive } from '../../src/backends/postgres/statements/redrive.js';
import { release } from '../../src/backends/postgres/statements/release.js';
import { sendStatement } from '../../src/backends/postgres/statements/send.js';
import {
  settleChecked,
  settleDispatched,
  settleRemoved,
  stepOfEntry,
} from '../../src/backends/postgres/statements/settle.js';
import { transactStatement } from '../../src/backends/postgres/statements/transact.js';
import { Waiters } from '../../src/backends/postgres/waiters.js';
import type { Change } from '../../src/engine/ports.js';

export interface Sample {
  readonly name: string;
  readonly sql: string;
  readonly values: readonly Value[];
}

/** How many rows each table of `fill` has. */
const filled = 20_000;
/** How many operations a call has, and rows a page. */
export const asked = 50;

/**
 * In each table rows 1 to `filled` of one endpoint. The first half of the copies is held, the other
 * visible again; every second record is overdue. Runs in the schema of the search path.
 */
export const fill = `
  insert into queue select 'e', i, i, case when i <= ${filled} / 2 then 9e15 else 0 end, 1, 'h', null,
    'k' || i, 'x' from ${numbers()};
  insert into dead select 'e', ${filled} + i, 1, 1, null, 'k' || i, 'x' from ${numbers()};
  insert into entities select 'e', 'k' || i, 1, 't', 'x', case when i % 1000 = 0 then 'x'::bytea end
    from ${numbers()};
  insert into entries select 'e', 'k' || i, 'k', 't', 'committed', 'w', 1, 'x'::bytea, 'x'::bytea
    from ${numbers()};
  insert into dispatched select 'e', 'd' || i, 'k', 't', 'w', 1, ${time()} from ${numbers()};
  insert into dedupe select 'e', 'k' || i, 'w', 1, ${time()} from ${numbers()};
  insert into entered select 'e', 'k' || i, 'w', 1, ${time()} from ${numbers()};
  insert into payloads select 'k' || i, 'x', 'e', 'm', 'a', 1 from ${numbers()};
  insert into journal (record) select 'x' from ${numbers()}`;

export const tables = [
  'queue',
  'dead',
  'entities',
  'entries',
  'dispatched',
  'dedupe',
  'entered',
  'payloads',
  'journal',
];

function numbers(): string {
  return `generate_series(1, ${filled}) i`;
}

function time(): string {
  return '(i % 2) * 9e15 + i';
}

/** Every statement, and every prelude, with one call of it. */
export function samples(): Sample[] {
  const handOver = newHandOver();
  return [
    ...each(drawBlock, () => null, 1),
    ...each(acknowledge, held),
    ...each(extend, (at) => ({ ...held(at), visibilityMs: 1 })),
    ...each(release, (at) => ({ ...held(at), delayMs: 0, failure: bytes })),
    ...each(bury, (at) => ({ ...held(at), reason: bytes })),
    ...each(redrive, (at) => ({ endpoint, deadCopy: filled + at, newCopy: 3 * filled + at })),
    ...each(settleChecked, (at) => ({ ...settle(at), payloads: bytes })),
    ...each(settleDispatched, (at) => ({ ...settle(at), at: 1 })),
    ...each(settleRemoved, settle),
    ...each(deletePayload, (at) => `k${at}`),
    ...each(putPayload, (at) => ({ id: `k${at}`, body: bytes, origin, at: 1 })),
    ...each(addRecord, (at) => ({ endpoint, messageId: `k${at}`, record })),
    ...each(dropRecords, (at) => [at]),
    ...[purgeDispatched, purgeDedupe, purgeEntered].flatMap((purge) =>
      each(purge, () => ({ retentionMs: 0, most: asked }), 1),
    ),
    ...each(sendStatement(handOver), (at) => ({ packed: packed(at), delayMs: 0 })),
    ...each(enterStatement(handOver), (at) => ({
      packed: packed(at),
      worker: 'w',
      retentionMs: 1,
    })),
    ...each(commit, (at) => packChange(endpoint, `k${at}`, isOther(at) ? 0 : 1, change(at))),
    ...each(transactStatement(handOver), (at) => ({
      ...held(at),
      change: packChange(endpoint, `k${at}`, 1, change(at)),
      outgoing: packed(at),
    })),
    ...each(load, (at) => ({ endpoint, key: `k${at}`, messageId: `k${at}` })),
    ...each(hasRecord, (at) => ({ endpoint, messageId: `k${at}` })),
    ...each(getPayload, (at) => `k${at}`),
    ...each(depth, () => 'idle'),
    ...each(listDead, (at) => ({ endpoint, after: filled + at, limit: 1 })),
    ...each(pendingEntries, page),
    ...each(pendingSlots, page),
    ...each(stepOfEntry, settle),
    ...each(takeRecords, () => asked, 1),
    ...each(queuePages, () => [endpoint, `${filled / 2}`, '0'], 1),
    ...each(deadPages, () => [endpoint, `${filled + filled / 2}`], 1),
    ...[entityPages, entryPages].flatMap((pages) => each(pages, () => [endpoint, 'k5'], 1)),
    ...each(payloadPages, () => ['k5'], 1),
    ...each(businessLeftovers, () => ({ overdueAt: 1 }), 1),
    ...each(dedupeLeftovers, () => ({ overdueAt: 1 }), 1),
    ...each(storeBytes, () => 'none', 1),
    ...each(serverProcess, () => null, 1),
    ...each(
      receive,
      () => ({ endpoint, max: asked, from: filled / 2, visibilityMs: 1, worker: 'w' }),
      1,
    ),
    ...each(notify, () => ({ channel: 'c', payload: 'p' })),
  ];
}

const endpoint = 'e';
const bytes = Buffer.from('x');
const origin = { endpoint, messageId: 'm', attempt: 'a' };
const record = { by: 'w', at: 1, expires: 1 };

/** One call with `count` operations, on rows that lie apart, and the prelude's where there is one. */
function each<Op, Result>(
  statement: Statement<Op, Result>,
  operation: (at: number) => Op,
  count = asked,
): Sample[] {
  const ops = Array.from({ length: count }, (_, at) => operation((at * filled) / count + 1));
  const { name, sql, prelude } = statement;
  const before = prelude?.bind(ops) ?? null;
  return [
    ...(prelude && before ? [{ name: prelude.name, sql: prelude.sql, values: before }] : []),
    { name, sql, values: statement.bind(ops) },
  ];
}

const held = (at: number) => ({ endpoint, receipt: { due: at, copy: at, receives: 1 } });

/** Of two kinds of rows that one call meets, this one has the second. */
const isOther = (at: number) => at % 3 === 0;

const settle = (at: number) => ({
  endpoint,
  messageId: `${isOther(at) ? 'd' : 'k'}${at}`,
  from: 'any' as const,
});

const page = (at: number) => ({ endpoint, olderThan: 1e15, after: `k${at}`, limit: 1 });

function packed(at: number) {
  const message = { id: `new${at}`, endpoint, type: 't', key: 'k', body: bytes };
  return packMessages([{ ...message, headers: { intendedAt: 0, sentAt: 0 } }]);
}

function change(at: number): Change {
  const entry = { messageId: `k${at}`, step: 'committed' as const, key: 'k', transaction: 't' };
  return {
    state: bytes,
    transaction: 't',
    entry: { ...entry, worker: 'w', committedAt: 1, messages: [] },
  };
}

/** Nobody waits for what it queues. */
function newHandOver(): HandOver {
  const copies = new Copies();
  copies.use(1);
  return new HandOver(copies, new Waiters(), { unclaimed: () => {}, waitOn: () => {} });
}
