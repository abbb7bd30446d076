/** What S3 does on a bad day: conflicts, lost requests, lost answers, denials. */
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openS3 } from '../../../src/backends/aws/s3/index.js';
import type { S3Options } from '../../../src/backends/aws/s3/options.js';
import { always, bytes, entry, id, refusal, text } from '../../conformance/fixtures.js';
import { at, opened, options, provisioned } from './open.js';
import { type Fate, FaultProxy, type Seen } from './proxy.js';

let given: S3Options;
let proxy: FaultProxy;

beforeEach(async () => {
  given = options();
  await provisioned(given);
  proxy = await FaultProxy.start(given.aws.endpoint ?? '');
  onTestFinished(() => proxy.stop());
});

const isEntityWrite = ({ method, path }: Seen) => method === 'PUT' && path.includes('/entities/');

/** The first `count` of the requests that match meet the fate. */
function firstOf(count: number, matches: (seen: Seen) => boolean, fate: Fate) {
  let left = count;
  proxy.fate = (seen) => (matches(seen) && left-- > 0 ? fate : 'pass');
}

it('a commit that S3 answers with 409 is tried again and takes place once', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  firstOf(3, isEntityWrite, { status: 409, code: 'ConditionalRequestConflict' });
  expect(await business.commit('orders', 'k', 0, { state: bytes('1') })).toBe(1);
  expect(proxy.seen.filter(isEntityWrite)).toHaveLength(4);
});

it('a commit that 409 never lets through certainly did not happen', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  proxy.fate = (seen) =>
    isEntityWrite(seen) ? { status: 409, code: 'ConditionalRequestConflict' } : 'pass';
  const error = await refusal(business.commit('orders', 'k', 0, { state: bytes('1') }));
  expect([error.kind, error.happened]).toEqual(['unreachable', 'no']);
  proxy.fate = () => 'pass';
  expect((await business.load('orders', 'k', id())).version).toBe(0);
});

it('a commit whose answer is lost is found by its name: done, with its version', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  firstOf(1, isEntityWrite, 'lose-answer');
  expect(await business.commit('orders', 'k', 0, { state: bytes('1') })).toBe(1);
  firstOf(1, isEntityWrite, 'lose-answer');
  expect(await business.commit('orders', 'k', 1, { state: bytes('2') })).toBe(2);
  expect(text((await business.load('orders', 'k', id())).state)).toBe('2');
});

it('a commit whose request is lost takes place at the next try', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  firstOf(1, isEntityWrite, 'lose-request');
  expect(await business.commit('orders', 'k', 0, { state: bytes('1') })).toBe(1);
});

it('a commit whose answer is lost, and on which others then built, is still found', async () => {
  const own = await opened(at(given, proxy.endpoint));
  const other = await opened(given);
  let writes = 0;
  proxy.fate = async (seen) => {
    if (!isEntityWrite(seen)) return 'pass';
    writes++;
    if (writes === 1) return 'lose-answer';
    // The second try comes only after another worker has committed twice on top of the first.
    await other.business.commit('orders', 'k', 1, { state: bytes('2') });
    await other.business.commit('orders', 'k', 2, { state: bytes('3') });
    return 'pass';
  };
  expect(await own.business.commit('orders', 'k', 0, { state: bytes('mine') })).toBe(1);
  expect(writes).toBe(2);
  expect((await own.business.load('orders', 'k', id())).version).toBe(3);
});

it('a commit that never gets an answer is unknown', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  proxy.fate = (seen) => (isEntityWrite(seen) ? 'lose-request' : 'pass');
  const error = await refusal(business.commit('orders', 'k', 0, { state: bytes('1') }));
  expect([error.kind, error.happened]).toEqual(['unreachable', 'unknown']);
});

it('a commit whose marker cannot be written did not happen', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  proxy.fate = ({ method, path }) =>
    method === 'PUT' && path.includes('/pending/') ? { status: 403, code: 'AccessDenied' } : 'pass';
  const error = await refusal(business.commit('orders', 'k', 0, { entry: entry(id(), 'k') }));
  expect([error.kind, error.happened]).toEqual(['denied', 'no']);
  expect(proxy.seen.some(isEntityWrite)).toBe(false);
});

it('a payload put is sent once: lost, it is unknown', async () => {
  const { payload } = await opened(at(given, proxy.endpoint));
  const isPut = ({ method, path }: Seen) => method === 'PUT' && path.includes('/payload/');
  const origin = { endpoint: 'orders', messageId: id(), attempt: id() };
  for (const fate of [
    'lose-request',
    'lose-answer',
    { status: 500, code: 'InternalError' },
  ] as const) {
    proxy.seen.length = 0;
    proxy.fate = (seen) => (isPut(seen) ? fate : 'pass');
    const error = await refusal(payload.put(id(), bytes('x'), origin));
    expect(error.happened).toBe('unknown');
    expect(proxy.seen.filter(isPut)).toHaveLength(1);
  }
});

it('a payload is absent only by the word of S3', async () => {
  const { payload } = await opened(at(given, proxy.endpoint));
  const answers = [
    { status: 403, code: 'AccessDenied' },
    { status: 404, code: 'NoSuchBucket' },
    { status: 404, code: 'Gone' },
  ];
  for (const answer of answers) {
    proxy.fate = () => answer;
    await refusal(payload.get(id()));
  }
  proxy.fate = () => 'pass';
  expect(await payload.get(id())).toBeNull();
});

it('settling goes on through lost answers, and removes the entry once', async () => {
  const { business } = await opened(at(given, proxy.endpoint));
  const written = entry(id(), 'k');
  await business.commit('orders', 'k', 0, { entry: written });
  firstOf(1, isEntityWrite, 'lose-answer');
  const removed = { step: 'removed' } as const;
  expect(await business.settle('orders', written.messageId, 'any', removed)).toBe('settled');
  expect(await business.settle('orders', written.messageId, 'any', removed)).toBe('missing');
  expect(await business.listPending('orders', always, null, 10)).toEqual([]);
});

it('a missing bucket, a server that is not there and a denial are each one clear error', async () => {
  const missing = await refusal(openS3({ ...given, bucket: 'nobody-made-this-one' }));
  expect([missing.kind, missing.message]).toEqual(['unreachable', 'the bucket does not exist']);
  expect(missing.hint).toMatch(/deploy up/);
  const gone = await refusal(openS3(at(given, 'http://127.0.0.1:9')));
  expect(gone.kind).toBe('unreachable');
  for (const code of ['AccessDenied', 'SignatureDoesNotMatch', 'InvalidAccessKeyId']) {
    proxy.fate = () => ({ status: 403, code });
    const denied = await refusal(openS3(at(given, proxy.endpoint)));
    expect([denied.kind, denied.happened]).toEqual(['denied', 'no']);
  }
});

it('a server that ignores conditions is refused for entities', async () => {
  proxy.fate = () => 'unconditional';
  const error = await refusal(openS3(at(given, proxy.endpoint)));
  expect([error.kind, error.message]).toEqual([
    'refused',
    'this S3 does not honour conditional writes',
  ]);
});
