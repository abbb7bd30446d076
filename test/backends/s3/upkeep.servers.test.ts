/** Upkeep of S3 beyond the conformance suite: what it costs, long ids, removing under a race. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { S3Options } from '../../../src/backends/aws/s3/options.js';
import { IdSource } from '../../../src/engine/ids.js';
import type { DedupeRecord } from '../../../src/engine/ports.js';
import { always, entry, id, refusal, slot } from '../../conformance/fixtures.js';
import { at, opened, options, provisioned } from './open.js';
import { type Fate, FaultProxy, type Seen } from './proxy.js';

const minute = 60_000;

let given: S3Options;

beforeEach(async () => {
  given = options();
  await provisioned(given);
});

type Opened = Awaited<ReturnType<typeof withUpkeep>>;

async function withUpkeep(given: S3Options) {
  const stores = await opened(given);
  const { business, dedupe, payload } = stores.upkeep;
  if (!business || !dedupe || !payload) throw new Error('a part of upkeep is missing');
  return { ...stores, upkeep: { business, dedupe, payload } };
}

/** Requests of upkeep by kind, since the stores were opened. */
function looks({ requests }: Opened): Record<string, number> {
  const own = requests().filter(({ store }) => store === 'upkeep');
  return Object.fromEntries(
    own.map(({ kind, outcome, requests }) => [`${kind} ${outcome}`, requests]),
  );
}

/** An entry of each minute before now, the oldest first. */
async function everyMinute({ business }: Opened, count: number): Promise<readonly string[]> {
  const now = Date.now();
  const ids = Array.from({ length: count }, (_, at) =>
    new IdSource().next(now - (count - at) * minute),
  );
  await Promise.all(
    ids.map((messageId, at) => {
      const committedAt = now - (count - at) * minute + 50;
      const own = entry(messageId, messageId, { committedAt });
      return business.commit('orders', messageId, 0, { entry: own });
    }),
  );
  return ids;
}

describe('what is pending', () => {
  it('costs a look at those that are old enough, and at five minutes more', async () => {
    const stores = await withUpkeep(given);
    const ids = await everyMinute(stores, 200);
    const found = await stores.upkeep.business.oldestPending('orders', always, 10);
    expect(found.map(({ messageId }) => messageId)).toEqual(ids.slice(0, 10));
    // A batch of 32 for the ten and their five minutes; a page behind all of ours.
    expect(looks(stores)).toEqual({ 'LIST 200': 2, 'GET 200': 32 });
  });

  it('is not looked at when it was committed too late to be counted', async () => {
    const stores = await withUpkeep(given);
    await everyMinute(stores, 100);
    const before = Date.now() - 90.5 * minute;
    const { count, exact } = await stores.upkeep.business.countPending('orders', before, 1000);
    expect([count, exact]).toEqual([10, true]);
    expect(looks(stores)['GET 200']).toBeLessThan(16);
  });

  it('is counted for itself: nothing of it is the cost of messages', async () => {
    const stores = await withUpkeep(given);
    await everyMinute(stores, 3);
    const { business, dedupe, payload } = stores.counts();
    await stores.upkeep.business.oldestPending('orders', always, 10);
    await stores.upkeep.business.entries('orders', { prefix: '', after: null, limit: 2 });
    await stores.upkeep.dedupe.records('orders', { prefix: '', after: null, limit: 2 });
    await stores.upkeep.payload.payloads({ prefix: '', after: null, limit: 2 });
    expect(stores.counts()).toMatchObject({ business });
    expect([stores.counts()['dedupe'], stores.counts()['payload']]).toEqual([dedupe, payload]);
    expect(stores.counts()['upkeep']?.operations).toBe(4);
  });
});

describe('ids too long for a name', () => {
  const page = { after: null, limit: 10 };
  const long = (end: string) => `${'long/'.repeat(60)}${end}`;

  it('are found by their beginning, among entries, entities and records', async () => {
    const { business, dedupe, upkeep } = await withUpkeep(given);
    const record = { by: 'w', at: 1, expires: always };
    for (const end of ['1', '2', '12']) {
      const one = long(end);
      const change = { entry: entry(one, one), slot: slot(one) };
      await business.commit('orders', one, 0, change);
      await dedupe.add('orders', one, record);
    }
    for (const prefix of ['long/', long('1')]) {
      const wanted = ['1', '2', '12'].map(long).filter((one) => one.startsWith(prefix));
      const query = { ...page, prefix };
      const entries = await upkeep.business.entries('orders', query);
      const entities = await upkeep.business.registered('orders', query);
      const records = await upkeep.dedupe.records('orders', query);
      expect(entries.map(({ messageId }) => messageId).sort()).toEqual(wanted.sort());
      expect(entities.map(({ key }) => key).sort()).toEqual(wanted);
      expect(records.map(({ messageId }) => messageId).sort()).toEqual(wanted);
    }
  });
});

describe('removing a dedupe record', () => {
  const record: DedupeRecord = { by: 'w', at: 1, expires: 2 };
  const isRemoval = ({ method, path }: Seen) => method === 'DELETE' && path.includes('/dedupe/');
  let proxy: FaultProxy;
  beforeEach(async () => {
    proxy = await FaultProxy.start(given.aws.endpoint ?? '');
    onTestFinished(() => proxy.stop());
  });

  it('leaves one that is added between the look and the delete', async () => {
    const stores = await withUpkeep(given);
    const { upkeep } = await withUpkeep(at(given, proxy.endpoint));
    const messageId = id();
    await stores.dedupe.add('orders', messageId, record);
    const fresh = { by: 'other', at: 3, expires: always };
    proxy.fate = async (seen): Promise<Fate> => {
      if (isRemoval(seen)) await stores.dedupe.add('orders', messageId, fresh);
      return 'pass';
    };
    expect(await upkeep.dedupe.remove('orders', messageId, record)).toBe(false);
    expect(await stores.dedupe.has('orders', messageId)).toBe(true);
    expect(await upkeep.dedupe.remove('orders', messageId, fresh)).toBe(true);
  });

  it('is refused on a server that would delete it whatever it is', async () => {
    const stores = await withUpkeep(given);
    const { upkeep } = await withUpkeep(at(given, proxy.endpoint));
    const messageId = id();
    await stores.dedupe.add('orders', messageId, { ...record, expires: always });
    proxy.fate = () => 'unconditional';
    const removing = upkeep.dedupe.remove('orders', messageId, record);
    expect(await refusal(removing)).toMatchObject({ kind: 'refused', happened: 'no' });
    expect(await stores.dedupe.has('orders', messageId)).toBe(true);
    expect(proxy.seen.filter(isRemoval)).toEqual([]);
  });

  it('is tried again when another request was in its way', async () => {
    const stores = await withUpkeep(at(given, proxy.endpoint));
    const messageId = id();
    await stores.dedupe.add('orders', messageId, record);
    let left = 2;
    proxy.fate = (seen) =>
      isRemoval(seen) && left-- > 0 ? { status: 409, code: 'ConditionalRequestConflict' } : 'pass';
    expect(await stores.upkeep.dedupe.remove('orders', messageId, record)).toBe(true);
  });

  it('is unknown when its answer is lost', async () => {
    const stores = await withUpkeep(at(given, proxy.endpoint));
    const messageId = id();
    await stores.dedupe.add('orders', messageId, record);
    proxy.fate = (seen) => (isRemoval(seen) ? 'lose-answer' : 'pass');
    const removing = stores.upkeep.dedupe.remove('orders', messageId, record);
    expect(await refusal(removing)).toMatchObject({ happened: 'unknown' });
    expect(await stores.upkeep.dedupe.remove('orders', messageId, record)).toBe(false);
  });

  it('leaves nothing of its trial in the bucket', async () => {
    const stores = await withUpkeep(at(given, proxy.endpoint));
    const messageId = id();
    await stores.dedupe.add('orders', messageId, record);
    expect(await stores.upkeep.dedupe.remove('orders', messageId, record)).toBe(true);
    const trials = proxy.seen.filter(({ path }) => path.includes('/probe/'));
    expect(trials.map(({ method, isConditional }) => [method, isConditional])).toEqual([
      ['PUT', false],
      ['DELETE', true],
      ['DELETE', false],
    ]);
  });
});
