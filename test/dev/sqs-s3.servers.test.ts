import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { S3, S3ServiceException } from '@aws-sdk/client-s3';
import { SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/dev/server.js';
import { startSqsS3 } from '../../src/dev/sqs-s3.js';
import { temporaryFolder } from '../servers/temporary-folder.js';
import { listeningAddresses, loopback } from './listening.js';

let folder = '';
let server: RunningServer;
let s3: S3;
let sqs: SQS;

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startSqsS3({ folder });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const endpoint = server.environment['AWS_ENDPOINT_URL_S3'] ?? '';
  const common = { endpoint, region: 'us-east-1', credentials };
  s3 = new S3({ ...common, forcePathStyle: true });
  sqs = new SQS(common);
});

afterAll(async () => {
  s3.destroy();
  sqs.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function bucket(): Promise<string> {
  const name = `b-${randomUUID()}`;
  await s3.createBucket({ Bucket: name });
  return name;
}

/** The status that a put ends with. */
async function statusOf(put: Promise<unknown>): Promise<number> {
  try {
    await put;
    return 200;
  } catch (error) {
    return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  }
}

describe('SQS and S3', () => {
  it('listen on loopback only', () => {
    expect(listeningAddresses(server.port)).toEqual([loopback]);
  });

  it('keep port, objects and messages when restarted, killed or cleanly', async () => {
    const at = { Bucket: await bucket(), Key: 'a/b' };
    const { QueueUrl } = await sqs.createQueue({ QueueName: `q-${randomUUID()}` });
    for (const how of ['kill', 'clean'] as const) {
      await s3.putObject({ ...at, Body: how });
      await sqs.sendMessage({ QueueUrl, MessageBody: how });
      const { port } = server;
      await server.restart(how);
      expect(server.port).toBe(port);
      const { Body } = await s3.getObject(at);
      expect(await Body?.transformToString()).toBe(how);
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 });
      expect(Messages.map((message) => message.Body)).toEqual([how]);
      const [{ ReceiptHandle } = {}] = Messages;
      await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
    }
  });
});

describe('a conditional put', () => {
  it('that wants no object wins once among twenty racers', async () => {
    const at = { Bucket: await bucket(), Key: 'raced' };
    const racers = Array.from({ length: 20 }, (_, n) =>
      statusOf(s3.putObject({ ...at, Body: String(n), IfNoneMatch: '*' })),
    );
    const statuses = await Promise.all(racers);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(19);
    const { Body } = await s3.getObject(at);
    expect(await Body?.transformToString()).toBe(String(statuses.indexOf(200)));
  });

  it('that wants a version wins once among twenty racers', async () => {
    const at = { Bucket: await bucket(), Key: 'raced' };
    const { ETag } = await s3.putObject({ ...at, Body: 'first' });
    const racers = Array.from({ length: 20 }, (_, n) =>
      statusOf(s3.putObject({ ...at, Body: String(n), IfMatch: ETag })),
    );
    const statuses = await Promise.all(racers);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(19);
  });

  it('that wants a version of nothing is told that there is nothing', async () => {
    const at = { Bucket: await bucket(), Key: 'none' };
    expect(await statusOf(s3.putObject({ ...at, Body: 'x', IfMatch: '"abc"' }))).toBe(404);
    expect(await statusOf(s3.getObject(at))).toBe(404);
  });

  it('that fails leaves the object as it was', async () => {
    const at = { Bucket: await bucket(), Key: 'kept' };
    await s3.putObject({ ...at, Body: 'kept' });
    expect(await statusOf(s3.putObject({ ...at, Body: 'x', IfNoneMatch: '*' }))).toBe(412);
    expect(await statusOf(s3.putObject({ ...at, Body: 'x', IfMatch: '"abc"' }))).toBe(412);
    const { Body } = await s3.getObject(at);
    expect(await Body?.transformToString()).toBe('kept');
  });
});
