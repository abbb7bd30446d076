/**
 * Writes to the embedded deployment named on the command line until it is killed. Each operation is
 * logged with write(2) before it begins, where its outcome matters, and after it was acknowledged.
 */
import { openSync, writeSync } from 'node:fs';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { Conflict } from '../../../src/engine/errors.js';
import { IdSource } from '../../../src/engine/ids.js';
import { type Did, keys, queue } from './log.js';

const [folder = '', log = ''] = process.argv.slice(2);
const file = openSync(log, 'a');
const ids = new IdSource();
const { ports } = await openEmbedded({ folder, layout: 'separate', worker: `w-${process.pid}` });

await Promise.all([...keys.map(count), ...[1, 2, 3, 4].map(tokens), ...[1, 2].map(messages)]);

function did(what: Did, ...fields: string[]): void {
  writeSync(file, `${[what, ...fields].join('\t')}\n`);
}

/** Counts up one entity, with an entry each time; removes every second entry. */
async function count(key: string): Promise<never> {
  for (let turn = 0; ; turn += 1) {
    const messageId = ids.next();
    const { version } = await ports.business.load(queue, key, messageId);
    const fields = { messageId, key, transaction: ids.next(), messages: [], worker: 'w' };
    const entry = { ...fields, step: 'committed' as const, committedAt: Date.now() };
    const state = new TextEncoder().encode(String(version + 1));
    try {
      const written = await ports.business.commit(queue, key, version, { state, entry });
      did('committed', key, messageId, String(written));
    } catch (error) {
      if (error instanceof Conflict) continue;
      throw error;
    }
    if (turn % 2 === 0) continue;
    did('settling', messageId);
    await ports.business.settle(queue, messageId, 'any', { step: 'removed' });
    did('settled', messageId);
  }
}

/** Puts payloads, deletes every second one, and remembers each in the dedupe store. */
async function tokens(): Promise<never> {
  for (let turn = 0; ; turn += 1) {
    const id = ids.next();
    const origin = { endpoint: queue, messageId: id, attempt: id };
    await ports.payload.put(id, new TextEncoder().encode(id), origin);
    did('put', id);
    const record = { by: 'w', at: Date.now(), expires: Date.now() + 3_600_000 };
    await ports.dedupe.add(queue, id, record);
    did('added', id);
    if (turn % 2 === 0) continue;
    did('deleting', id);
    await ports.payload.delete(id);
    did('deleted', id);
  }
}

/** Sends three, takes two (anybody's) and acks them. */
async function messages(): Promise<never> {
  for (;;) {
    const batch = [1, 2, 3].map(() => ({
      ...{ id: ids.next(), endpoint: queue, type: 'T', key: 'k', headers: {} },
      body: new Uint8Array(200),
    }));
    await ports.broker.send(batch);
    for (const { id } of batch) did('sent', id);
    const options = { visibility: 60_000, wait: 0, worker: 'w' };
    for (const { message, receipt } of await ports.broker.receive(queue, 2, options)) {
      did('acking', message.id);
      await ports.broker.ack(queue, receipt);
      did('acked', message.id);
    }
  }
}
