/** Payload store: a body's presence is the token. */
import assert from 'node:assert/strict';
import type { PayloadOrigin, Ports } from '../../src/engine/ports.js';
import { type Case, casesOf } from './case.js';
import {
  brokenKeys,
  bytes,
  doneOrRefused,
  id,
  longKeys,
  noise,
  oddKeys,
  same,
} from './fixtures.js';

export const payloadCases: readonly Case[] = casesOf('payload', {
  'the store has a name, the same for every client': async (context) => {
    assert.ok(context.ports.payload.name.length > 0);
    assert.equal((await context.peer()).payload.name, context.ports.payload.name);
  },

  'a body that nobody put is absent': async (context) => {
    assert.equal(await context.ports.payload.get(id()), null);
  },

  'a put body is there at once for another client, also after a `get` that found nothing': async (
    context,
  ) => {
    const peer = await context.peer();
    const readAfterPut = async (reader: Ports, writer: Ports) => {
      const [payloadId, body] = [id(), noise(200)];
      assert.equal(await reader.payload.get(payloadId), null);
      await writer.payload.put(payloadId, body, origin());
      same(await reader.payload.get(payloadId), body);
      same(await writer.payload.get(payloadId), body);
    };
    for (let round = 0; round < 30; round += 1) {
      await readAfterPut(context.ports, peer);
      await readAfterPut(peer, context.ports);
    }
  },

  'a deleted body is absent at once for another client, also after a `get` that found it': async (
    context,
  ) => {
    const peer = await context.peer();
    const readAfterDelete = async (reader: Ports, writer: Ports) => {
      const payloadId = id();
      await writer.payload.put(payloadId, bytes('token'), origin());
      same(await reader.payload.get(payloadId), bytes('token'));
      await writer.payload.delete(payloadId);
      assert.equal(await reader.payload.get(payloadId), null);
      assert.equal(await writer.payload.get(payloadId), null);
    };
    for (let round = 0; round < 30; round += 1) {
      await readAfterDelete(context.ports, peer);
      await readAfterDelete(peer, context.ports);
    }
  },

  'deleting what is absent, or deleting twice, is no error': async (context) => {
    const payloadId = id();
    await context.ports.payload.delete(payloadId);
    await context.ports.payload.put(payloadId, bytes('x'), origin());
    const peer = await context.peer();
    await Promise.all([
      context.ports.payload.delete(payloadId),
      peer.payload.delete(payloadId),
      context.ports.payload.delete(payloadId),
    ]);
    assert.equal(await context.ports.payload.get(payloadId), null);
  },

  'deleting one body leaves every other': async (context) => {
    const ids = [id(), id(), id()];
    const [first, second, third] = ids as [string, string, string];
    for (const one of ids) await context.ports.payload.put(one, bytes(one), origin());
    await context.ports.payload.delete(second);
    same(await context.ports.payload.get(first), bytes(first));
    same(await context.ports.payload.get(third), bytes(third));
  },

  'a body of 0 bytes is present, and 1 MiB comes out the same': async (context) => {
    const peer = await context.peer();
    for (const body of [new Uint8Array(), noise(1), noise(1024 * 1024)]) {
      const payloadId = id();
      await context.ports.payload.put(payloadId, body, origin());
      same(await peer.payload.get(payloadId), body);
    }
  },

  'the bytes a caller changes after its put are not those of the store': async (context) => {
    const [payloadId, body] = [id(), bytes('as put')];
    await context.ports.payload.put(payloadId, body, origin());
    body.fill(0);
    const found = await context.ports.payload.get(payloadId);
    same(found, bytes('as put'));
    found?.fill(0);
    same(await context.ports.payload.get(payloadId), bytes('as put'));
  },

  '300 bodies put at once by two clients are all there': async (context) => {
    const peer = await context.peer();
    const ids = Array.from({ length: 300 }, id);
    await Promise.all(
      ids.map((one, index) =>
        (index % 2 ? peer : context.ports).payload.put(one, bytes(one), origin()),
      ),
    );
    const found = await Promise.all(ids.map((one) => context.ports.payload.get(one)));
    same(found, ids.map(bytes));
  },

  'bodies of different attempts of one message are apart': async (context) => {
    const [one, two] = [id(), id()];
    const shared = { endpoint: 'orders', messageId: id() };
    await context.ports.payload.put(one, bytes('1'), { ...shared, attempt: id() });
    await context.ports.payload.put(two, bytes('2'), { ...shared, attempt: id() });
    await context.ports.payload.delete(one);
    same(await context.ports.payload.get(two), bytes('2'));
  },

  'odd ids are refused clearly, or kept and kept apart': async (context) => {
    const { payload } = context.ports;
    const kept: string[] = [];
    for (const odd of [...oddKeys, ...longKeys, ...brokenKeys]) {
      const body = bytes(JSON.stringify(odd));
      if (await doneOrRefused(payload.put(odd, body, origin()))) kept.push(odd);
    }
    for (const odd of kept) {
      same(await payload.get(odd), bytes(JSON.stringify(odd)), JSON.stringify(odd.slice(0, 50)));
      await payload.delete(odd);
    }
  },
});

function origin(): PayloadOrigin {
  return { endpoint: 'orders', messageId: id(), attempt: id() };
}
