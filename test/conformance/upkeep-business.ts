/** Upkeep of the business store: entries of every step, entities with a slot or a registry. */
import assert from 'node:assert/strict';
import type { Entry, EntryStep } from '../../src/engine/ports.js';
import { controlEndpoint, type RegisteredEntity } from '../../src/engine/upkeep.js';
import { entryAt } from './business-fixtures.js';
import { type Case, type Context, casesOf } from './case.js';
import {
  doneOrRefused,
  entry,
  fullMessage,
  id,
  oddKeys,
  registration,
  same,
  slot,
} from './fixtures.js';
import { family, pagesOf } from './upkeep-fixtures.js';

const steps: readonly EntryStep[] = ['committed', 'checked', 'dispatched'];

export const businessUpkeepCases: readonly Case[] = casesOf('upkeep', {
  'entries of every step are listed whole, as a load finds them': async (context) => {
    const endpoint = await context.endpoint();
    const written: Entry[] = [];
    for (const step of steps) {
      const messages = [fullMessage('next'), fullMessage('next')];
      const one = await entryAt(context, endpoint, step, { messages, token: id() }, `k-${step}`);
      written.push(one.written);
    }
    const found = await entriesOf(context, endpoint, { limit: 10 });
    same(
      found.map(({ step }) => step),
      steps,
    );
    for (const [at, one] of found.entries()) {
      const { messageId, key, token } = written[at] ?? entry('', '');
      const { entry: loaded } = await context.ports.business.load(endpoint, key, messageId);
      same(one, loaded);
      assert.equal(one.key, key);
      if (one.step !== 'dispatched') assert.equal(one.token, token, 'the token is missing');
    }
  },

  'an entry keeps its token until it is dispatched, and one without comes out without': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const token = id();
    const { written, version } = await entryAt(context, endpoint, 'checked', { token });
    const load = async () => (await business.load(endpoint, 'k', written.messageId)).entry;
    assert.equal((await load())?.token, token);
    const without = entry(written.messageId, 'k');
    await business.commit(endpoint, 'k', version, { entry: without });
    same(await load(), without);
    same(await entriesOf(context, endpoint, { limit: 10 }), [without]);
  },

  'entries are listed page by page in the order of their ids, each exactly once': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const ids = await manyEntries(context, endpoint, 23);
    for (const limit of [1, 2, 5, 23, 100]) {
      same(idsOf(await entriesOf(context, endpoint, { limit })), ids, `pages of ${limit}`);
    }
    same(await context.upkeep.business.entries(endpoint, { prefix: '', after: null, limit: 3 }), [
      ...(await entriesOf(context, endpoint, { limit: 100 })).slice(0, 3),
    ]);
  },

  'a row that stays is on exactly one page, whatever comes and goes meanwhile': async (context) => {
    const endpoint = await context.endpoint();
    const { prefix, named } = family();
    const { business } = context.ports;
    const add = async (name: string) => {
      await business.commit(endpoint, name, 0, { entry: entry(named(name), name) });
    };
    const remove = (name: string) =>
      business.settle(endpoint, named(name), 'any', { step: 'removed' });
    const dispatch = (name: string) =>
      business.settle(endpoint, named(name), 'any', { step: 'dispatched', at: Date.now() });
    for (const name of ['b', 'd', 'f', 'h', 'j', 'l', 'n']) await add(name);
    let round = 0;
    const between = async () => {
      round += 1;
      if (round === 1) await Promise.all([add('a'), add('c'), remove('b'), dispatch('j')]);
      if (round === 2) await Promise.all([remove('l'), dispatch('d'), dispatch('f')]);
    };
    const found = await entriesOf(context, endpoint, { prefix, limit: 2 }, between);
    const stayed = ['d', 'f', 'h', 'j', 'n'].map(named);
    const seen = idsOf(found).filter((one) => stayed.includes(one));
    same(seen, stayed);
  },

  'only entries whose ids begin with the prefix are listed, on every page': async (context) => {
    const endpoint = await context.endpoint();
    const { prefix, named } = family();
    const { business } = context.ports;
    const ids = ['0', '1', '2', '%', '_', '\\', '\uffff', '🔑'].map(named);
    const decoys = [prefix.slice(0, -1), `${prefix}.`, `x${prefix}-`, prefix.toLowerCase()];
    for (const messageId of [...ids, ...decoys]) {
      await business.commit(endpoint, messageId, 0, { entry: entry(messageId, messageId) });
    }
    const query = { prefix: named(''), limit: 3 };
    same(idsOf(await entriesOf(context, endpoint, query)).sort(), [...ids].sort());
    for (const sign of ['%', '_', '\\', '🔑']) {
      same(idsOf(await entriesOf(context, endpoint, { prefix: named(sign), limit: 3 })), [
        named(sign),
      ]);
    }
    same(await entriesOf(context, endpoint, { prefix: named('absent'), limit: 3 }), []);
  },

  'oddly named entries are listed each exactly once, in pages of one': async (context) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const kept: string[] = [];
    for (const odd of oddKeys) {
      const commit = business.commit(endpoint, odd, 0, { entry: entry(odd, odd) });
      if (await doneOrRefused(commit)) kept.push(odd);
    }
    for (const odd of kept.filter((_, at) => at % 3 === 0)) {
      await business.settle(endpoint, odd, 'any', { step: 'dispatched', at: Date.now() });
    }
    const found = await entriesOf(context, endpoint, { limit: 1 });
    same(idsOf(found).sort(), [...kept].sort());
    for (const one of found) assert.equal(one.key, one.messageId);
  },

  'entries of one endpoint are none of another, however alike their names': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    await entryAt(context, left, 'committed');
    await entryAt(context, left, 'dispatched');
    same(await entriesOf(context, right, { limit: 10 }), []);
    same(await entriesOf(context, left.slice(0, -1), { limit: 10 }), []);
  },

  'entities with a slot or a registry are listed whole, by key, others are not': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const taken = slot(id());
    const registry = [registration(id()), registration(id())];
    const cleared = await business.commit(endpoint, 'e', 0, { slot: slot(id()), registry });
    await business.commit(endpoint, 'e', cleared, { slot: null, registry: [] });
    await business.commit(endpoint, 'd', 0, { state: new Uint8Array([1]) });
    await business.commit(endpoint, 'c', 0, { slot: taken, registry });
    await business.commit(endpoint, 'b', 0, { registry });
    await business.commit(endpoint, 'a', 0, { slot: taken });
    same(await registeredOf(context, endpoint, { limit: 2 }), [
      { key: 'a', slot: taken, registry: [] },
      { key: 'b', slot: null, registry },
      { key: 'c', slot: taken, registry },
    ]);
    same(await registeredOf(context, endpoint, { prefix: 'b', limit: 2 }), [
      { key: 'b', slot: null, registry },
    ]);
    same(await registeredOf(context, await context.endpoint('other'), { limit: 2 }), []);
  },

  'oddly named entities with a slot are listed each exactly once, in pages of one': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const kept: string[] = [];
    for (const odd of oddKeys) {
      const commit = context.ports.business.commit(endpoint, odd, 0, { slot: slot(id()) });
      if (await doneOrRefused(commit)) kept.push(odd);
    }
    const found = await registeredOf(context, endpoint, { limit: 1 });
    same(found.map(({ key }) => key).sort(), [...kept].sort());
  },

  'what another client commits and settles is listed at once': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const { business } = context.upkeep;
    for (let round = 0; round < 5; round += 1) {
      const [one, key] = [id(), `k${round}`];
      const query = { prefix: one, after: null, limit: 2 };
      same(await business.entries(endpoint, query), []);
      const change = { entry: entry(one, key), slot: slot(one) };
      await peer.business.commit(endpoint, key, 0, change);
      same(await business.entries(endpoint, query), [change.entry]);
      const keys = { prefix: key, after: null, limit: 2 };
      same(await business.registered(endpoint, keys), [{ key, slot: change.slot, registry: [] }]);
      await peer.business.settle(endpoint, one, 'any', { step: 'removed' });
      same(await business.entries(endpoint, query), []);
    }
  },

  "oncectl's own records are listed for who asks for them by name, and are no evidence": async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const { business } = context.ports;
    const key = `control-${id()}`;
    const own = slot(id());
    const { version } = await business.load(controlEndpoint, key, key);
    const next = await business.commit(controlEndpoint, key, version, { slot: own });
    const query = { prefix: key, limit: 2 };
    same(await registeredOf(context, controlEndpoint, query), [{ key, slot: own, registry: [] }]);
    same(await registeredOf(context, endpoint, { limit: 2 }), []);
    for await (const one of context.evidence.entities()) assert.notEqual(one.key, key);
    await business.commit(controlEndpoint, key, next, { slot: null });
    same(await registeredOf(context, controlEndpoint, query), []);
  },
});

type Between = Parameters<typeof pagesOf>[3];

function entriesOf(
  { upkeep }: Context,
  endpoint: string,
  query: { readonly prefix?: string; readonly limit: number },
  between?: Between,
): Promise<Entry[]> {
  const list = upkeep.business.entries.bind(upkeep.business, endpoint);
  return pagesOf<Entry>(list, ({ messageId }) => messageId, query, between);
}

function registeredOf(
  { upkeep }: Context,
  endpoint: string,
  query: { readonly prefix?: string; readonly limit: number },
): Promise<RegisteredEntity[]> {
  const list = upkeep.business.registered.bind(upkeep.business, endpoint);
  return pagesOf<RegisteredEntity>(list, ({ key }) => key, query);
}

function idsOf(entries: readonly Entry[]): string[] {
  return entries.map(({ messageId }) => messageId);
}

/** Entries of many entities and all steps, written in no order; their ids in order. */
async function manyEntries(context: Context, endpoint: string, count: number): Promise<string[]> {
  const { business } = context.ports;
  const ids = Array.from({ length: count }, () => id());
  for (const [index, messageId] of ids.entries()) {
    const turn = ids[(index * 7) % count] ?? messageId;
    const key = `k${index}`;
    await business.commit(endpoint, key, 0, { entry: entry(turn, key) });
    const step = steps[index % steps.length];
    if (step === 'checked') await business.settle(endpoint, turn, 'any', { step, payloads: {} });
    const at = Date.now();
    if (step === 'dispatched') await business.settle(endpoint, turn, 'any', { step, at });
  }
  return ids;
}
