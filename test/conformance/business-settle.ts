/** Business store, second part: one entry moves on, on its own condition alone. */
import assert from 'node:assert/strict';
import type {
  Entry,
  EntryStep,
  Ports,
  Settled,
  SettleFrom,
  SettleTo,
} from '../../src/engine/ports.js';
import { countUp, entryAt, loadAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import { always, bytes, entry, eventually, fullMessage, id, same } from './fixtures.js';

const steps: readonly EntryStep[] = ['committed', 'checked', 'dispatched'];
const removed: SettleTo = { step: 'removed' };

export const settleCases: readonly Case[] = casesOf('business', {
  'an entry is settled from its own step or from any, and from no other': async (context) => {
    const endpoint = await context.endpoint();
    for (const step of steps) {
      for (const from of [...steps, 'any'] as const) {
        for (const to of targets(step)) await settlesFrom(context, endpoint, step, from, to);
      }
    }
  },

  'an entry that is not there is missing, whatever it is to become': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    for (const from of [...steps, 'any'] as const) {
      for (const to of targets('committed')) {
        assert.equal(await business.settle(endpoint, id(), from, to), 'missing');
      }
    }
    same(await business.listPending(endpoint, always, null, 10), []);
  },

  'a checked entry names its payloads and keeps all but, perhaps, the bodies': async (context) => {
    const endpoint = await context.endpoint();
    const messages = [fullMessage('next'), fullMessage('next')];
    const { written, payloads } = await entryAt(context, endpoint, 'checked', { messages });
    const found = await entryOf(context, await context.peer(), endpoint, written, 'checked');
    same(withoutBodies(found), withoutBodies({ ...written, step: 'checked', payloads }));
  },

  'a dispatched entry drops its bodies and keeps id, transaction and time': async (context) => {
    const endpoint = await context.endpoint();
    const messages = [fullMessage('next')];
    const { written } = await entryAt(context, endpoint, 'committed', { messages });
    const to = { step: 'dispatched', at: 1_234_567 } as const;
    await context.ports.business.settle(endpoint, written.messageId, 'committed', to);
    const found = await entryOf(context, context.ports, endpoint, written, 'dispatched');
    same(found, { ...written, step: 'dispatched', messages: [], dispatchedAt: 1_234_567 });
  },

  'a removed entry is gone for every client, and missing from then on': async (context) => {
    const endpoint = await context.endpoint();
    const { written } = await entryAt(context, endpoint, 'committed');
    const { business } = context.ports;
    assert.equal(await business.settle(endpoint, written.messageId, 'any', removed), 'settled');
    await entryOf(context, await context.peer(), endpoint, written, null);
    assert.equal(await business.settle(endpoint, written.messageId, 'any', removed), 'missing');
  },

  'an entry is settled by a client that saw the entity before it was there': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = await context.peer();
    const first = await entryAt(context, endpoint, 'committed');
    await loadAt(context, { ...context.ports, business }, endpoint, 'k', id(), first.version);
    const { written } = await entryAt(context, endpoint, 'committed');
    assert.equal(await business.settle(endpoint, written.messageId, 'any', removed), 'settled');
  },

  'settling does not move the version of the entity': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const { written, version } = await entryAt(context, endpoint, 'committed');
    const checked = { step: 'checked', payloads: {} } as const;
    await business.settle(endpoint, written.messageId, 'committed', checked);
    same((await business.load(endpoint, 'k', id())).version, version);
    const dispatched = { step: 'dispatched', at: 1 } as const;
    await business.settle(endpoint, written.messageId, 'checked', dispatched);
    const next = await business.commit(endpoint, 'k', version, { state: bytes('next') });
    await business.settle(endpoint, written.messageId, 'dispatched', removed);
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), next);
    same([found.version, found.state], [next, bytes('next')]);
  },

  'settling succeeds at the first try while the entity changes all the time': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const { business } = context.ports;
    const entries: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      entries.push((await entryAt(context, endpoint, 'committed')).written.messageId);
    }
    const busy = Array.from({ length: 20 }, () => countUp(peer.business, endpoint, 'k', id()));
    const outcomes = entries.map((messageId) =>
      business.settle(endpoint, messageId, 'committed', removed),
    );
    same(
      await Promise.all(outcomes),
      entries.map(() => 'settled'),
    );
    await Promise.all(busy);
    const pending = await business.listPending(endpoint, always, null, 100);
    assert.equal(pending.length, 20, 'a commit brought a removed entry back, or lost one');
  },

  'a later commit leaves settled entries as they are': async (context) => {
    const endpoint = await context.endpoint();
    const { written, version } = await entryAt(context, endpoint, 'checked');
    const change = { state: bytes('x'), entry: entry(id(), 'k') };
    await context.ports.business.commit(endpoint, 'k', version, change);
    const found = await entryOf(context, context.ports, endpoint, written, 'checked');
    assert.equal(found?.step, 'checked');
  },

  'settling one entry leaves the other entries of the entity alone': async (context) => {
    const endpoint = await context.endpoint();
    const { written: one } = await entryAt(context, endpoint, 'committed');
    const { written: two } = await entryAt(context, endpoint, 'committed');
    await context.ports.business.settle(endpoint, one.messageId, 'any', removed);
    same(await entryOf(context, context.ports, endpoint, two, 'committed'), two);
  },

  'settling at one endpoint leaves the same message id at another alone': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    const { business } = context.ports;
    const own = entry(id(), 'k');
    await business.commit(left, 'k', 0, { entry: own });
    assert.equal(await business.settle(right, own.messageId, 'any', removed), 'missing');
    await business.commit(right, 'k', 0, { entry: own });
    assert.equal(await business.settle(right, own.messageId, 'any', removed), 'settled');
    same(await entryOf(context, context.ports, left, own, 'committed'), own);
  },

  'of 20 that dispatch one entry at once exactly one settles it': async (context) => {
    const to = { step: 'dispatched', at: 1 } as const;
    same(await race(context, to), { settled: 1, moved: 19, missing: 0 });
  },

  'of 20 that remove one entry at once exactly one settles it': async (context) => {
    same(await race(context, removed), { settled: 1, moved: 0, missing: 19 });
  },
});

/** What is checked is in the payload store: its body may be dropped from the entry. */
function withoutBodies(entry: Entry | null): unknown {
  return { ...entry, messages: entry?.messages.map(({ body: _, ...rest }) => rest) };
}

/** Where an entry may go from a step: only onwards. */
function targets(step: EntryStep): readonly SettleTo[] {
  const checked: SettleTo = { step: 'checked', payloads: {} };
  const dispatched: SettleTo = { step: 'dispatched', at: 1 };
  if (step === 'committed') return [checked, dispatched, removed];
  return step === 'checked' ? [dispatched, removed] : [removed];
}

async function settlesFrom(
  context: Context,
  endpoint: string,
  step: EntryStep,
  from: SettleFrom,
  to: SettleTo,
): Promise<void> {
  const { written } = await entryAt(context, endpoint, step, {}, id());
  const expected: Settled = from === step || from === 'any' ? 'settled' : 'moved';
  const outcome = await context.ports.business.settle(endpoint, written.messageId, from, to);
  assert.equal(outcome, expected, `${step} entry, from ${from} to ${to.step}`);
  const after = expected === 'moved' ? step : to.step === 'removed' ? null : to.step;
  await entryOf(context, context.ports, endpoint, written, after);
}

/** Loads until the entry is at `step` (null: gone); `load` may be stale. */
async function entryOf(
  context: Context,
  ports: Ports,
  endpoint: string,
  { messageId, key }: Entry,
  step: EntryStep | null,
): Promise<Entry | null> {
  const found = await eventually(
    `entry ${step ?? 'gone'}`,
    context.capabilities.patience,
    () => ports.business.load(endpoint, key, messageId),
    (entity) => (entity.entry?.step ?? null) === step,
  );
  return found.entry;
}

async function race(context: Context, to: SettleTo): Promise<Record<Settled, number>> {
  const endpoint = await context.endpoint();
  const peer = await context.peer();
  const { written } = await entryAt(context, endpoint, 'committed');
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? peer : context.ports).business.settle(
        endpoint,
        written.messageId,
        'committed',
        to,
      ),
    ),
  );
  const counts = { settled: 0, missing: 0, moved: 0 };
  for (const outcome of outcomes) counts[outcome] += 1;
  return counts;
}
