/** What a user is told of the errors of AWS, and whether it is true: through the SDK, over HTTP. */
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Attempts, watchAttempts } from '../../../src/backends/aws/shared/attempts.js';
import { clientConfig } from '../../../src/backends/aws/shared/client.js';
import { awsError } from '../../../src/backends/aws/shared/errors.js';
import type { OncectlError } from '../../../src/engine/errors.js';
import { type Answer, type Answering, accepts, answering, hangsUp, refuses } from './answering.js';

const place = { service: 'Amazon SQS', about: 'orders', thing: 'queue' };
const secret = 'sEcReT-0123456789';

let server: Answering | null = null;
let attempts: Attempts;

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
  vi.stubEnv('AWS_REGION', 'us-east-1');
});

afterEach(() => {
  vi.unstubAllEnvs();
  server?.close();
  server = null;
});

async function call(endpoint: string, once = false): Promise<unknown> {
  const options = { region: null, endpoint, profile: null };
  const client = new SQSClient(clientConfig('sqs', options, { once }));
  attempts = watchAttempts(client);
  try {
    return await client.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
  } finally {
    client.destroy();
  }
}

async function errorOf(...answers: readonly Answer[]): Promise<OncectlError> {
  server = await answering(...answers);
  return named(call(server.endpoint));
}

function named(outcome: Promise<unknown>): Promise<OncectlError> {
  return outcome.then(
    () => {
      throw new Error('it passed');
    },
    (error: unknown) => awsError(error, place),
  );
}

describe('an error of AWS', () => {
  it.each([
    [400, 'QueueDoesNotExist', 'unreachable', 'the queue does not exist'],
    [403, 'AccessDeniedException', 'denied', 'the AWS credentials may not do this on Amazon SQS'],
    [403, 'InvalidClientTokenId', 'denied', 'Amazon SQS does not accept the AWS credentials'],
    [403, 'SignatureDoesNotMatch', 'denied', 'Amazon SQS does not accept the AWS credentials'],
    [403, 'ExpiredToken', 'denied', 'the AWS credentials have expired'],
    [400, 'InvalidMessageContents', 'invalid-message', 'Amazon SQS does not take these characters'],
    [400, 'SomethingNew', 'bug', 'Amazon SQS failed: SomethingNew: because'],
  ] as const)('%i %s is one sentence, and did not happen', async (status, name, kind, message) => {
    const error = await errorOf(refuses(status, name));
    expect(error).toMatchObject({ kind, message, happened: 'no', about: 'orders' });
  });

  it('names the way out of a missing queue', async () => {
    expect((await errorOf(refuses(400, 'QueueDoesNotExist'))).hint).toContain('oncectl deploy up');
  });

  it('shows no credential, in whatever one looks at', async () => {
    const error = await errorOf(refuses(403, 'SignatureDoesNotMatch'));
    expect(JSON.stringify([error, error.cause, error.stack])).not.toContain(secret);
  });

  it('without an answer may have happened', async () => {
    const error = await errorOf(hangsUp);
    expect(error).toMatchObject({ kind: 'unreachable', happened: 'unknown' });
  });

  it('of a server that nobody is, did not happen', async () => {
    const closed = await answering(hangsUp);
    closed.close();
    const error = await named(call(closed.endpoint));
    expect(error).toMatchObject({ kind: 'unreachable', happened: 'no' });
    expect(error.message).toBe('Amazon SQS cannot be reached: nothing listens there');
  });

  it('with status 500 may have happened', async () => {
    const error = await errorOf(refuses(500, 'InternalError'));
    expect(error).toMatchObject({ kind: 'unreachable', happened: 'unknown' });
  });

  it('that refuses may have happened, when an earlier attempt was not answered', async () => {
    const error = await errorOf(hangsUp, refuses(403, 'AccessDeniedException'));
    expect(error).toMatchObject({ kind: 'denied', happened: 'unknown' });
    expect(attempts.total).toBe(2);
  });

  it('that refuses did not happen, when earlier attempts were throttled', async () => {
    const throttled = refuses(400, 'ThrottlingException');
    const error = await errorOf(throttled, throttled, refuses(403, 'AccessDeniedException'));
    expect(error).toMatchObject({ kind: 'denied', happened: 'no' });
    expect(attempts).toMatchObject({ total: 3, throttled: 2, failed: 1 });
  });

  it('that throttles to the end says so', async () => {
    server = await answering(refuses(400, 'ThrottlingException'));
    const error = await named(call(server.endpoint, true));
    expect(error).toMatchObject({ kind: 'unreachable', happened: 'no' });
    expect(error.message).toContain('too many requests');
  });

  it('of no credentials did not happen', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    const error = await named(call('http://127.0.0.1:1'));
    expect(error).toMatchObject({ kind: 'denied', happened: 'no' });
    expect(error.message).toBe('no credentials for Amazon SQS were found');
  });

  it('of no region did not happen', async () => {
    vi.stubEnv('AWS_REGION', '');
    vi.stubEnv('AWS_DEFAULT_REGION', '');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    const error = await named(call('http://127.0.0.1:1'));
    expect(error).toMatchObject({ kind: 'unreachable', happened: 'no' });
    expect(error.message).toBe('no valid AWS region is set');
  });
});

describe('a watched client', () => {
  it('repeats what was throttled, and counts it', async () => {
    server = await answering(refuses(400, 'RequestThrottled'), accepts({ QueueUrl: 'http://q' }));
    expect(await call(server.endpoint)).toMatchObject({ QueueUrl: 'http://q' });
    expect(attempts).toMatchObject({ total: 2, throttled: 1, failed: 0 });
    expect(attempts.byCommand).toEqual({ GetQueueUrlCommand: 2 });
  });

  it('repeats nothing when told so', async () => {
    server = await answering(hangsUp, accepts({ QueueUrl: 'http://q' }));
    const error = await named(call(server.endpoint, true));
    expect(error.happened).toBe('unknown');
    expect(server.requests()).toBe(1);
  });

  it("knows the server's clock from its answers", async () => {
    const late: Answer = (response) => {
      response.setHeader('date', new Date(Date.now() - 90_000).toUTCString());
      accepts({})(response);
    };
    server = await answering(late);
    await call(server.endpoint);
    expect(Math.abs((attempts.clockSkewMs ?? 0) + 90_000)).toBeLessThan(3000);
  });
});
