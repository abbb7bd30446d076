/** Dedupe store: read after write for every client, also after a read that found nothing. */
import assert from 'node:assert/strict';
import type { DedupeRecord, Ports } from '../../src/engine/ports.js';
import { type Case, casesOf } from './case.js';
import { brokenKeys, doneOrRefused, id, longKeys, oddKeys, same } from './fixtures.js';

const hour = 3_600_000;

export const dedupeCases: readonly Case[] = casesOf('dedupe', {
  'an id that nobody added is not there': async (context) => {
    const endpoint = await context.endpoint();
    assert.equal(await context.ports.dedupe.has(endpoint, id()), false);
  },

  'an added id is there at once, for this and for another client': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    for (let round = 0; round < 20; round += 1) {
      const messageId = id();
      await context.ports.dedupe.add(endpoint, messageId, record());
      assert.equal(await peer.dedupe.has(endpoint, messageId), true);
      assert.equal(await context.ports.dedupe.has(endpoint, messageId), true);
    }
  },

  'an id added by another client is there at once, also after a `has` that said no': async (
    context,
  ) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const readAfterWrite = async (reader: Ports, writer: Ports) => {
      const messageId = id();
      assert.equal(await reader.dedupe.has(endpoint, messageId), false);
      await writer.dedupe.add(endpoint, messageId, record());
      assert.equal(await reader.dedupe.has(endpoint, messageId), true);
    };
    for (let round = 0; round < 50; round += 1) {
      await readAfterWrite(context.ports, peer);
      await readAfterWrite(peer, context.ports);
    }
  },

  'two endpoints share no id': async (context) => {
    const [left, right] = [await context.endpoint('left'), await context.endpoint('right')];
    const messageId = id();
    await context.ports.dedupe.add(left, messageId, record());
    assert.equal(await context.ports.dedupe.has(right, messageId), false);
    assert.equal(await context.ports.dedupe.has(left, messageId), true);
  },

  'an id that begins like an added one is not there': async (context) => {
    const endpoint = await context.endpoint();
    const messageId = id();
    await context.ports.dedupe.add(endpoint, messageId, record());
    assert.equal(await context.ports.dedupe.has(endpoint, messageId.slice(0, -1)), false);
    assert.equal(await context.ports.dedupe.has(endpoint, `${messageId}0`), false);
    assert.equal(await context.ports.dedupe.has(endpoint, messageId.toLowerCase()), false);
  },

  'adding an id again, one after the other or at once, is no error': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const messageId = id();
    await context.ports.dedupe.add(endpoint, messageId, record());
    await Promise.all(
      [context.ports, peer, context.ports, peer].map((ports) =>
        ports.dedupe.add(endpoint, messageId, record()),
      ),
    );
    assert.equal(await context.ports.dedupe.has(endpoint, messageId), true);
  },

  'an id whose record expired is not there, for this and for another client': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const messageId = id();
    const over = { by: 'w', at: Date.now() - 2 * hour, expires: Date.now() - hour };
    await context.ports.dedupe.add(endpoint, messageId, over);
    for (const { dedupe } of [context.ports, peer]) {
      assert.equal(await dedupe.has(endpoint, messageId), false);
    }
  },

  'an id added again after its record expired is there again': async (context) => {
    const endpoint = await context.endpoint();
    const messageId = id();
    const over = { by: 'w', at: Date.now() - 2 * hour, expires: Date.now() - hour };
    await context.ports.dedupe.add(endpoint, messageId, over);
    await context.ports.dedupe.has(endpoint, messageId);
    await context.ports.dedupe.add(endpoint, messageId, record());
    assert.equal(await context.ports.dedupe.has(endpoint, messageId), true);
  },

  '1,000 ids added at once by two clients are all there, and no other': async (context) => {
    const endpoint = await context.endpoint();
    const peer = await context.peer();
    const added = Array.from({ length: 1_000 }, id);
    await Promise.all(
      added.map((one, index) =>
        (index % 2 ? peer : context.ports).dedupe.add(endpoint, one, record()),
      ),
    );
    const has = (one: string) => context.ports.dedupe.has(endpoint, one);
    same(new Set(await Promise.all(added.map(has))).has(false), false, 'an id was lost');
    same(new Set(await Promise.all(added.map(() => has(id())))).has(true), false);
  },

  'odd ids are refused clearly, or kept and kept apart': async (context) => {
    const endpoint = await context.endpoint();
    const { dedupe } = context.ports;
    for (const odd of [...oddKeys, ...longKeys, ...brokenKeys]) {
      const before = dedupe.has(endpoint, odd);
      if (await doneOrRefused(before)) assert.equal(await before, false, JSON.stringify(odd));
      const done = await doneOrRefused(dedupe.add(endpoint, odd, record()));
      if (done) assert.equal(await dedupe.has(endpoint, odd), true);
    }
  },
});

function record(): DedupeRecord {
  return { by: 'worker-1', at: Date.now(), expires: Date.now() + hour };
}
