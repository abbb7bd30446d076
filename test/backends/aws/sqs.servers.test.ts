/** The broker on SQS beyond the conformance suite: what it costs, and what it does when things go wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedSqs } from '../../../src/backends/aws/sqs/index.js';
import { startSqsS3 } from '../../../src/dev/sqs-s3.js';
import type { Delivery, Message } from '../../../src/engine/message.js';
import type { Broker } from '../../../src/engine/ports.js';
import {
  bytes,
  drain,
  failure,
  longLease,
  message,
  receiveOne,
  refusal,
  same,
} from '../../conformance/fixtures.js';
import { environmentOf, variable } from '../../servers/provided.js';
import { openProxy, type TcpProxy } from '../../servers/proxy.js';
import { SqsFixture } from './sqs-fixture.js';

let fixture: SqsFixture;
let opened: OpenedSqs;
let proxy: TcpProxy | null = null;

beforeEach(async () => {
  fixture = new SqsFixture();
  opened = await fixture.create();
});

afterEach(async () => {
  await proxy?.restore();
  await fixture.close();
  proxy?.close();
  proxy = null;
});

const options = { visibility: longLease, wait: 10_000, worker: 'w' };

/** The same queues, by way of a wire that can be cut. */
async function byProxy(): Promise<OpenedSqs> {
  const server = new URL(variable(environmentOf('sqs-s3'), 'AWS_ENDPOINT_URL_SQS'));
  proxy = await openProxy(Number(server.port));
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  return fixture.open({ aws: { ...fixture.options.aws, endpoint } });
}

describe('what it costs', () => {
  it('100 messages take 10 requests to send, about as many to receive and to delete', async () => {
    const { broker } = opened.ports;
    const all = Array.from({ length: 100 }, () => message('orders'));
    await Promise.all(all.map((one) => broker.send([one])));
    const found: Delivery[] = [];
    while (found.length < 100) found.push(...(await broker.receive('orders', 100, options)));
    await Promise.all(found.map(({ receipt }) => broker.ack('orders', receipt)));
    const { send, receive, delete: deleted, visibility, other } = opened.requests();
    expect([send, deleted, visibility]).toEqual([10, 10, 0]);
    expect(receive).toBeLessThanOrEqual(15);
    const { flushes, operations } = opened.counts()['broker'] ?? { flushes: 0, operations: 0 };
    expect(flushes).toBe(send + receive + deleted + visibility + other);
    expect(operations).toBe(300);
  });

  it('bills a request of 100 KiB as two', async () => {
    await opened.ports.broker.depth('orders');
    const before = opened.requests();
    await opened.ports.broker.send([message('orders', { body: new Uint8Array(75_000) })]);
    const after = opened.requests();
    expect([after.send - before.send, after.billed - before.billed]).toEqual([1, 2]);
  });

  it('an endpoint where nothing comes costs a request now and then, however often it is asked', async () => {
    for (let times = 0; times < 20; times++) {
      same(await opened.ports.broker.receive('orders', 10, { ...options, wait: 60 }), []);
    }
    expect(opened.requests().receive).toBeLessThanOrEqual(2);
  });
});

describe('what nobody asks for any more', () => {
  it('is released: another client has it long before the lease would end', async () => {
    const { broker } = opened.ports;
    same(await broker.receive('orders', 10, { ...options, wait: 20 }), []);
    const other = await fixture.open();
    const sent = message('orders');
    await other.ports.broker.send([sent]);
    const again = await receiveOne(other.ports.broker, 'orders');
    expect(again.message.id).toBe(sent.id);
  });

  it('goes to the next receive of the same client, without a request', async () => {
    const { broker } = opened.ports;
    same(await broker.receive('orders', 10, { ...options, wait: 20 }), []);
    const waiting = broker.receive('orders', 10, options);
    await broker.send([message('orders')]);
    expect(await waiting).toHaveLength(1);
    expect(opened.requests().receive).toBe(1);
  });

  it('is nothing of a close: what was outstanding comes to the next one that opens', async () => {
    const first = await fixture.open();
    const waiting = first.ports.broker.receive('orders', 10, options);
    await opened.ports.broker.send([message('orders')]);
    await first.close();
    const found = await waiting;
    if (found.length === 0) found.push(await receiveOne(opened.ports.broker, 'orders'));
    expect(found).toHaveLength(1);
  });
});

describe('a queue that is not as it must be', () => {
  it('missing is one clear error that names the way out; once made, it works', async () => {
    const later = new SqsFixture();
    const { broker } = (await later.open()).ports;
    for (const operation of [
      () => broker.send([message('orders')]),
      () => broker.receive('orders', 1, options),
      () => broker.depth('orders'),
      () => broker.listDead('orders', null, 1),
    ]) {
      const error = await refusal(operation());
      expect(error).toMatchObject({ kind: 'unreachable', happened: 'no', about: later.queue });
      expect(error.hint).toContain('oncectl deploy up');
    }
    await later.provisioner().create();
    await broker.send([message('orders')]);
    await receiveOne(broker, 'orders');
    await later.close();
  });

  it('that takes small messages only refuses the large one of a batch, and no other', async () => {
    await fixture.raw.setQueueAttributes({
      QueueUrl: await fixture.url(),
      Attributes: { MaximumMessageSize: '2048' },
    });
    const { broker } = opened.ports;
    const [one, two] = [message('orders'), message('orders')];
    const large = message('orders', { body: bytes('x'.repeat(4000)) });
    const sends = [one, large, two].map((each) => broker.send([each]));
    const error = await refusal(sends[1] ?? Promise.resolve());
    expect(error).toMatchObject({ kind: 'too-large', happened: 'no', about: fixture.queue });
    await Promise.all([sends[0], sends[2]]);
    const found = await drain(broker, 'orders', 2);
    expect(found.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    const both = await refusal(broker.send([message('orders'), large]));
    expect(both.happened, 'a part of it was queued').toBe('unknown');
  });
});

describe('what others put into the queue', () => {
  it('is left where it is when it is not ours, and holds up nothing', async () => {
    await fixture.raw.sendMessage({ QueueUrl: await fixture.url(), MessageBody: 'hello' });
    const sent = message('orders');
    await opened.ports.broker.send([sent]);
    same((await receiveOne(opened.ports.broker, 'orders')).message, sent);
    expect(await opened.ports.broker.depth('orders')).toMatchObject({ inFlight: 2 });
  });

  it('is our own message, when the console moved it back under a new id of the broker', async () => {
    const { broker } = opened.ports;
    const sent = message('orders');
    await broker.send([sent]);
    const { receipt } = await receiveOne(broker, 'orders');
    await broker.deadLetter('orders', receipt, failure('first'));
    const dead = await fixture.raw.receiveMessage({
      QueueUrl: await fixture.url(`${fixture.queue}-dead`),
      MessageAttributeNames: ['All'],
    });
    const { Body: MessageBody, MessageAttributes } = dead.Messages?.[0] ?? {};
    await fixture.raw.sendMessage({
      QueueUrl: await fixture.url(),
      MessageBody,
      MessageAttributes,
    });
    const again = await receiveOne(broker, 'orders');
    same(again.message, sent);
    expect(again.failures.map(({ error }) => error)).toEqual(['first']);
  });

  it('is a dead letter too, when the redrive policy buried it', async () => {
    const { broker } = opened.ports;
    const QueueUrl = await fixture.url();
    const { Attributes } = await fixture.raw.getQueueAttributes({
      QueueUrl,
      AttributeNames: ['RedrivePolicy'],
    });
    const policy = JSON.parse(Attributes?.['RedrivePolicy'] ?? '');
    const RedrivePolicy = JSON.stringify({ ...policy, maxReceiveCount: 1 });
    await fixture.raw.setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy } });
    const sent = message('orders');
    await broker.send([sent]);
    const { receipt } = await receiveOne(broker, 'orders');
    await broker.release('orders', receipt, { delay: 0 });
    same(await broker.receive('orders', 1, { ...options, wait: 200 }), []);
    const [letter] = await broker.listDead('orders', null, 10);
    same(letter?.message, sent);
    expect(letter?.deadAt).toBeGreaterThan(0);
  });
});

describe('when things go wrong', () => {
  it('a send whose answer is lost is repeated: the message is there, twice at most', async () => {
    const { broker } = (await byProxy()).ports;
    await broker.depth('orders');
    const lost = proxy?.loseNextAnswer('SendMessageBatch');
    const sent = message('orders');
    await broker.send([sent]);
    await lost;
    const found = [await receiveOne(broker, 'orders'), await receiveOne(broker, 'orders')];
    same(
      found.map((each) => each.message),
      [sent, sent],
    );
  });

  it('a cut wire fails sends and receives as unreachable; restored, it goes on', async () => {
    const { broker } = (await byProxy()).ports;
    await broker.depth('orders');
    proxy?.cut();
    for (const operation of [
      () => broker.send([message('orders')]),
      () => broker.receive('orders', 1, options),
    ]) {
      expect(await refusal(operation())).toMatchObject({ kind: 'unreachable' });
    }
    await proxy?.restore();
    await broker.send([message('orders')]);
    await receiveOne(broker, 'orders');
  });

  it('a delay longer than SQS knows is refused before anything is sent', async () => {
    const error = await refusal(opened.ports.broker.send([message('orders')], { delay: 900_001 }));
    expect(error).toMatchObject({ kind: 'invalid-message', happened: 'no' });
    expect(await opened.ports.broker.depth('orders')).toMatchObject({ visible: 0, delayed: 0 });
  });

  it('a server that is killed in the middle loses nothing that was sent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oncectl-sqs-'));
    const server = await startSqsS3({ folder });
    const own = new SqsFixture({
      endpointUrl: variable(server.environment, 'AWS_ENDPOINT_URL_SQS'),
    });
    const { broker } = (await own.create()).ports;
    const all = Array.from({ length: 200 }, () => message('orders'));
    for (const [at, one] of all.entries()) {
      const killed = at === 100 ? server.restart('kill') : null;
      await sendAtLast(broker, one);
      await killed;
    }
    const found = new Set<string>();
    let restarts = 0;
    while (found.size < all.length) {
      for (const { message, receipt } of await receiveAtLast(broker)) {
        found.add(message.id);
        await broker.ack('orders', receipt).catch(() => {});
      }
      if (found.size >= 100 && restarts++ === 0) await server.restart('kill');
    }
    expect([...found].sort()).toEqual(all.map(({ id }) => id));
    await own.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);
});

/** As a sender does: the same message again until it is queued. */
async function sendAtLast(broker: Broker, one: Message): Promise<void> {
  while (
    !(await broker.send([one]).then(
      () => true,
      () => false,
    ))
  );
}

async function receiveAtLast(broker: Broker): Promise<Delivery[]> {
  for (;;) {
    const found = await broker.receive('orders', 5, options).catch(() => null);
    if (found) return found;
  }
}
