import { afterEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/engine/backend.js';
import { drain, message, refusal, same } from '../../conformance/fixtures.js';
import { SqsFixture } from './sqs-fixture.js';

let fixture: SqsFixture;

afterEach(() => fixture.close());

async function findings(): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of fixture.provisioner().examine()) found.push(finding);
  return found;
}

describe('the queues of a deployment', () => {
  it('are missing, then made, then ready, and making them again makes nothing', async () => {
    fixture = new SqsFixture();
    const provisioner = fixture.provisioner();
    expect((await provisioner.inspect()).map(({ state }) => state)).toEqual(['missing', 'missing']);
    const made: string[] = [];
    await provisioner.create(({ name }) => made.push(name));
    expect(made).toEqual([`${fixture.queue}-dead`, fixture.queue]);
    expect((await provisioner.inspect()).map(({ state }) => state)).toEqual(['ready', 'ready']);
    await provisioner.create(() => expect.fail('made twice'));
  });

  it('keep messages and dead letters for 14 days, and bury only after 1,000 receives', async () => {
    fixture = new SqsFixture();
    await fixture.provisioner().create();
    for (const name of [fixture.queue, `${fixture.queue}-dead`]) {
      const QueueUrl = await fixture.url(name);
      const { Attributes } = await fixture.raw.getQueueAttributes({
        QueueUrl,
        AttributeNames: ['All'],
      });
      expect(Attributes?.['MessageRetentionPeriod']).toBe('1209600');
      expect(Attributes?.['VisibilityTimeout']).toBe('30');
      if (name !== fixture.queue) continue;
      const policy = JSON.parse(Attributes?.['RedrivePolicy'] ?? '');
      expect(policy.maxReceiveCount).toBe(1000);
      expect(policy.deadLetterTargetArn).toMatch(/_orders-dead$/);
    }
  });

  it('that somebody made otherwise are outdated, each deviation named, and are upgraded', async () => {
    fixture = new SqsFixture();
    await fixture.raw.createQueue({
      QueueName: fixture.queue,
      Attributes: { VisibilityTimeout: '5' },
    });
    const provisioner = fixture.provisioner();
    const [, queue] = await provisioner.inspect();
    expect(queue).toMatchObject({ state: 'outdated' });
    expect(queue?.detail).toBe(
      'keeps messages for 4 days only, has a visibility timeout of 5 s, the profile says 30 s, ' +
        'has no redrive policy',
    );
    await provisioner.create();
    expect((await provisioner.inspect()).map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  it('of a profile that no longer names them are unused, and are removed with the others', async () => {
    fixture = new SqsFixture();
    await fixture.provisioner({ endpoints: ['orders', 'old.one'] }).create();
    const provisioner = fixture.provisioner();
    const states = (await provisioner.inspect()).map(({ state }) => state);
    expect(states).toEqual(['ready', 'ready', 'unused', 'unused']);
    const removed: string[] = [];
    await provisioner.remove(({ name }) => removed.push(name));
    expect(removed).toHaveLength(4);
    expect((await provisioner.inspect()).map(({ state }) => state)).toEqual(['missing', 'missing']);
    await provisioner.remove(() => expect.fail('removed twice'));
  });

  it('leave the queues of others alone', async () => {
    fixture = new SqsFixture();
    const other = `${fixture.options.namespace}-2_orders`;
    await fixture.raw.createQueue({ QueueName: other });
    await fixture.provisioner().create();
    await fixture.provisioner().remove();
    expect(await fixture.url(other)).toContain(other);
  });

  it('are not made beside a FIFO queue of that name, which is one clear error', async () => {
    fixture = new SqsFixture();
    const fifo = `${fixture.queue}.fifo`;
    await fixture.raw.createQueue({ QueueName: fifo, Attributes: { FifoQueue: 'true' } });
    const provisioner = fixture.provisioner();
    const [dead, queue] = await provisioner.inspect();
    expect(queue).toMatchObject({ state: 'wrong' });
    const error = await refusal(provisioner.create());
    expect(error).toMatchObject({ kind: 'format', happened: 'no', about: fixture.queue });
    expect(error.message).toContain('FIFO');
    expect((await provisioner.inspect())[0]).toEqual({ ...dead, state: 'missing' });
  });
});

describe('the doctor', () => {
  it('finds nothing that breaks where all is as it must be', async () => {
    fixture = new SqsFixture();
    await fixture.provisioner().create();
    const found = await findings();
    expect(found.filter(({ verdict }) => verdict === 'breaks')).toEqual([]);
    expect(found.map(({ what }) => what)).toEqual([
      'reaching Amazon SQS',
      'clock skew to Amazon SQS',
      `queue ${fixture.queue}-dead`,
      `queue ${fixture.queue}`,
      `permissions on ${fixture.queue}`,
      'redrive by the AWS console',
    ]);
  });

  it('changes nothing: a queued message stays, and none is added', async () => {
    fixture = new SqsFixture();
    const { ports } = await fixture.create();
    const sent = message('orders');
    await ports.broker.send([sent]);
    await findings();
    same(
      (await drain(ports.broker, 'orders', 1)).map(({ id }) => id),
      [sent.id],
    );
  });

  it('names a retention that is too short and a queue that is missing', async () => {
    fixture = new SqsFixture();
    await fixture.provisioner().create();
    await fixture.raw.setQueueAttributes({
      QueueUrl: await fixture.url(`${fixture.queue}-dead`),
      Attributes: { MessageRetentionPeriod: '3600' },
    });
    await fixture.raw.deleteQueue({ QueueUrl: await fixture.url() });
    const broken = (await findings()).filter(({ verdict }) => verdict === 'breaks');
    expect(broken.map(({ what, detail }) => [what, detail])).toEqual([
      [`queue ${fixture.queue}-dead`, 'keeps messages for 0 days only'],
      [`queue ${fixture.queue}`, 'missing'],
    ]);
  });

  it('says first of all that nothing answers', async () => {
    fixture = new SqsFixture({ endpointUrl: 'http://127.0.0.1:1' });
    const found = await findings();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ verdict: 'breaks' });
    expect(found[0]?.detail).toBe('Amazon SQS cannot be reached: nothing listens there');
  });
});
