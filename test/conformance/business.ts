/** Business store, first part: load, and the conditional commit. */
import assert from 'node:assert/strict';
import type { BusinessStore, Change, Entity } from '../../src/engine/ports.js';
import { countUp, loadAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  always,
  brokenKeys,
  bytes,
  conflicts,
  doneOrRefused,
  entry,
  eventually,
  fullMessage,
  id,
  longKeys,
  message,
  newEntity,
  noise,
  oddKeys,
  refusal,
  same,
} from './fixtures.js';

export const businessCases: readonly Case[] = casesOf('business', {
  'an entity nobody wrote has version 0 and nothing else': async (context) => {
    const endpoint = await context.endpoint();
    same(await context.ports.business.load(endpoint, 'new', id()), newEntity());
  },

  'what a commit wrote is loaded, by this and by another client': async (context) => {
    const endpoint = await context.endpoint();
    const written = entry(id(), 'k', { messages: [fullMessage('next'), message('next')] });
    const change = { state: noise(500), transaction: written.transaction, entry: written };
    const version = await context.ports.business.commit(endpoint, 'k', 0, change);
    assert.ok(version > 0, 'a version above that of a new entity');
    for (const ports of [context.ports, await context.peer()]) {
      const found = await loadAt(context, ports, endpoint, 'k', written.messageId, version);
      same(found, { ...newEntity(), ...change, version });
    }
  },

  'a message sees its own entry and none of another message': async (context) => {
    const endpoint = await context.endpoint();
    const [first, second] = [entry(id(), 'k'), entry(id(), 'k')];
    const { business } = context.ports;
    const one = await business.commit(endpoint, 'k', 0, { entry: first });
    const two = await business.commit(endpoint, 'k', one, { entry: second });
    for (const own of [first, second]) {
      const found = await loadAt(context, context.ports, endpoint, 'k', own.messageId, two);
      same(found.entry, own);
    }
    same((await business.load(endpoint, 'k', id())).entry, null);
  },

  'a field that a commit leaves out stays as it is': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const kept = { state: bytes('kept'), transaction: id() };
    const one = await business.commit(endpoint, 'k', 0, kept);
    const two = await business.commit(endpoint, 'k', one, { entry: entry(id(), 'k') });
    const three = await business.commit(endpoint, 'k', two, {});
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), three);
    same(found, { ...newEntity(), ...kept, version: three });
  },

  'no state, an empty state and 1 MiB of state (or what fits) are three different things': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const large = Math.min(1024 * 1024, context.capabilities.largestState ?? Infinity);
    const states = [new Uint8Array(), null, noise(large), null, bytes('x')];
    let version = 0;
    for (const state of states) {
      version = await context.ports.business.commit(endpoint, 'k', version, { state });
      const found = await loadAt(context, context.ports, endpoint, 'k', id(), version);
      same(found.state, state);
    }
  },

  'a state that is too large is refused as such, and nothing is written': {
    unless: ({ largestState }) => (largestState === undefined ? 'any state fits' : undefined),
    run: async (context) => {
      const endpoint = await context.endpoint();
      const { business } = context.ports;
      const first = await business.commit(endpoint, 'k', 0, { state: bytes('small') });
      const entries = [entry(id(), 'k'), entry(id(), 'k')];
      const state = noise((context.capabilities.largestState ?? 0) + 10_240);
      for (const [expected, lost] of [
        [0, entries[0]],
        [first, entries[1]],
      ] as const) {
        const commit = business.commit(endpoint, 'k', expected, {
          state,
          ...(lost ? { entry: lost } : {}),
        });
        const error = await refusal(commit);
        same([error.kind, error.happened], ['too-large', 'no']);
      }
      const found = await loadAt(context, context.ports, endpoint, 'k', id(), first);
      same(found, { ...newEntity(), state: bytes('small'), version: first });
      same(await business.listPending(endpoint, always, null, 10), []);
    },
  },

  'an entry of 20 messages of 10 KiB is kept whole': async (context) => {
    const endpoint = await context.endpoint();
    const messages = Array.from({ length: 20 }, () => message('next', { body: noise(10_240) }));
    const written = entry(id(), 'k', { messages });
    const version = await context.ports.business.commit(endpoint, 'k', 0, { entry: written });
    const peer = await context.peer();
    const found = await loadAt(context, peer, endpoint, 'k', written.messageId, version);
    same(found.entry, written);
  },

  'a commit on another version than the present one is refused and writes nothing': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const one = await business.commit(endpoint, 'k', 0, { state: bytes('1') });
    const two = await business.commit(endpoint, 'k', one, { state: bytes('2') });
    const lost = entry(id(), 'k');
    for (const expected of [0, one, two + 1, two + 1_000]) {
      const change = { state: bytes('lost'), transaction: id(), entry: lost };
      await conflicts(business.commit(endpoint, 'k', expected, change));
    }
    const found = await loadAt(context, context.ports, endpoint, 'k', lost.messageId, two);
    same(found, { ...newEntity(), state: bytes('2'), version: two });
    same(await business.listPending(endpoint, Date.now() + 1_000, null, 10), []);
  },

  'a commit on a version of an entity that was never written is refused': async (context) => {
    const endpoint = await context.endpoint();
    await conflicts(context.ports.business.commit(endpoint, 'k', 3, { state: bytes('x') }));
    same(await context.ports.business.load(endpoint, 'k', id()), newEntity());
  },

  'a version that another client wrote can be committed on without a load': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const first = await context.ports.business.commit(endpoint, 'k', 0, { state: bytes('1') });
    await loadAt(context, peer, endpoint, 'k', id(), first);
    const second = await context.ports.business.commit(endpoint, 'k', first, {});
    const third = await peer.business.commit(endpoint, 'k', second, {}).catch(() => 0);
    assert.ok(third > second, 'the present version was refused');
  },

  'of 50 that create one entity at once exactly one wins': async (context) => {
    const endpoint = await context.endpoint();
    const won = await raceOf50(context, endpoint, 0);
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), won.version);
    same(found.state, won.state);
  },

  'of 50 that commit on one version at once exactly one wins': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const first = await business.commit(endpoint, 'k', 0, { state: bytes('first') });
    const won = await raceOf50(context, endpoint, first);
    assert.ok(won.version > first);
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), won.version);
    same(found.state, won.state);
  },

  '50 writers that retry lose no write, and no two of them get one version': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const writers = Array.from({ length: 50 }, (_, index) =>
      countUp((index % 2 ? peer : context.ports).business, endpoint, 'k', id()),
    );
    const versions = await Promise.all(writers);
    assert.equal(new Set(versions).size, 50);
    const last = Math.max(...versions);
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), last);
    same(found.state, bytes('50'));
    const pending = await context.ports.business.listPending(endpoint, always, null, 100);
    assert.equal(pending.length, 50, 'an entry was lost');
  },

  'after A, B, A a condition taken at the first A fails': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const [a, b] = [{ state: bytes('A') }, { state: bytes('B') }];
    const first = await business.commit(endpoint, 'k', 0, a);
    const second = await business.commit(endpoint, 'k', first, b);
    const third = await business.commit(endpoint, 'k', second, a);
    assert.equal(new Set([0, first, second, third]).size, 4, 'a version came again');
    await conflicts(business.commit(endpoint, 'k', first, { state: bytes('C') }));
    await conflicts(business.commit(endpoint, 'k', second, { state: bytes('C') }));
  },

  'a commit that changes no byte moves the version all the same': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const first = await business.commit(endpoint, 'k', 0, { state: bytes('A') });
    const second = await business.commit(endpoint, 'k', first, { state: bytes('A') });
    assert.ok(second > first);
    await conflicts(business.commit(endpoint, 'k', first, { state: bytes('A') }));
  },

  'an entity is never forgotten: emptied, it keeps its version': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const written = entry(id(), 'k');
    const first = await business.commit(endpoint, 'k', 0, { state: bytes('A'), entry: written });
    await business.settle(endpoint, written.messageId, 'any', { step: 'removed' });
    const emptied = await business.commit(endpoint, 'k', first, {
      state: null,
      slot: null,
      registry: [],
    });
    await conflicts(business.commit(endpoint, 'k', 0, { state: bytes('B') }));
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), emptied);
    assert.equal(found.version, emptied);
    assert.ok((await business.commit(endpoint, 'k', emptied, { state: bytes('B') })) > emptied);
  },

  'two endpoints with the same key and message id share nothing': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    const { business } = context.ports;
    const own = entry(id(), 'k');
    const version = await business.commit(left, 'k', 0, { state: bytes('left'), entry: own });
    same(await business.load(right, 'k', own.messageId), newEntity());
    const other = { ...entry(own.messageId, 'k'), transaction: id() };
    await business.commit(right, 'k', 0, { state: bytes('right'), entry: other });
    const found = await loadAt(context, context.ports, left, 'k', own.messageId, version);
    same([found.state, found.entry], [bytes('left'), own]);
  },

  'an endpoint whose name begins like another shares nothing with it': async (context) => {
    const endpoint = await context.endpoint();
    for (const separator of ['-', '_', '.']) {
      const longer = `${endpoint}${separator}x`;
      await context.subject.provision?.(longer);
      await context.ports.business.commit(longer, 'y', 0, { entry: entry(id(), 'y') });
      const found = await context.ports.business.load(endpoint, `x${separator}y`, id());
      same(found, newEntity());
    }
    same(await context.ports.business.listPending(endpoint, always, null, 10), []);
  },

  'keys of odd characters are kept, and kept apart': async (context) => {
    const endpoint = await context.endpoint();
    for (const key of oddKeys) assert.ok(await keeps(context, endpoint, key), `refused: ${key}`);
    await allApart(context, endpoint, oddKeys);
  },

  'keys that are too long or not text are refused clearly, or kept apart': async (context) => {
    const endpoint = await context.endpoint();
    const kept: string[] = [];
    for (const key of [...longKeys, ...brokenKeys]) {
      if (await keeps(context, endpoint, key)) kept.push(key);
    }
    await allApart(context, endpoint, kept);
  },

  'the bytes a caller changes after its commit are not those of the store': async (context) => {
    const endpoint = await context.endpoint();
    const state = bytes('as committed');
    const version = await context.ports.business.commit(endpoint, 'k', 0, { state });
    state.fill(0);
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), version);
    same(found.state, bytes('as committed'));
    found.state?.fill(0);
    const again = await context.ports.business.load(endpoint, 'k', id());
    same(again.state, bytes('as committed'));
  },

  'the bytes a caller changes after its load are not what a later commit keeps': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const first = await business.commit(endpoint, 'k', 0, { state: bytes('as committed') });
    (await loadAt(context, context.ports, endpoint, 'k', id(), first)).state?.fill(0);
    const second = await business.commit(endpoint, 'k', first, { transaction: id() });
    const found = await loadAt(context, context.ports, endpoint, 'k', id(), second);
    same(found.state, bytes('as committed'));
  },
});

/** Half of the 50 commit by way of the peer; the single winner's version and state. */
async function raceOf50(context: Context, endpoint: string, expected: number) {
  const peer = await context.peer();
  const attempts = Array.from({ length: 50 }, async (_, index) => {
    const { business } = index % 2 ? peer : context.ports;
    const state = bytes(`writer ${index}`);
    const won = await wins(business, endpoint, expected, { state, entry: entry(id(), 'k') });
    return won === null ? [] : [{ version: won, state }];
  });
  const winners = (await Promise.all(attempts)).flat();
  const [winner] = winners;
  assert.ok(winner !== undefined && winners.length === 1, `${winners.length} winners`);
  await eventually(
    'the one entry of the winner',
    context.capabilities.patience,
    () => context.ports.business.listPending(endpoint, always, null, 100),
    (pending) => pending.length === 1,
  );
  return winner;
}

async function wins(store: BusinessStore, endpoint: string, expected: number, change: Change) {
  const commit = store.commit(endpoint, 'k', expected, change);
  const won = await commit.catch(() => null);
  if (won === null) await conflicts(commit);
  return won;
}

/** Writes the key's own name into its entity; false when the store refused the key. */
async function keeps(context: Context, endpoint: string, key: string): Promise<boolean> {
  const written = entry(id(), key);
  const change = { state: nameOf(key), entry: written };
  return doneOrRefused(context.ports.business.commit(endpoint, key, 0, change));
}

async function allApart(context: Context, endpoint: string, keys: readonly string[]) {
  for (const key of keys) {
    const found: Entity = await loadAt(context, context.ports, endpoint, key, id(), 1);
    same(found.state, nameOf(key), `the state of key ${JSON.stringify(key.slice(0, 50))}`);
  }
  const pending = await context.ports.business.listPending(endpoint, always, null, 1_000);
  same(
    pending.map((one) => JSON.stringify(one.key)).sort(),
    keys.map((key) => JSON.stringify(key)).sort(),
  );
}

/** JSON keeps half a surrogate pair apart from another half. */
function nameOf(key: string): Uint8Array {
  return bytes(JSON.stringify(key));
}
