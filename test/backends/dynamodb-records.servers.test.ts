/** Commit records: staged before the commit, and only those that took place are taken. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Conflict } from '../../src/engine/errors.js';
import type { CommitRecord } from '../../src/engine/ports.js';
import { bytes, conflicts, id } from '../conformance/fixtures.js';
import {
  itemsOf,
  makeTables,
  openStores,
  optionsFor,
  type Stores,
  servers,
} from './dynamodb/stores.js';

describe.each(servers())('$title', (server) => {
  let options: ReturnType<typeof optionsFor>;
  let left: Stores;
  let right: Stores;
  let auditor: Stores;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    options = optionsFor(server);
    remove = await makeTables(options);
    [left, right, auditor] = (await Promise.all([1, 2, 3].map(() => openStores(options)))) as [
      Stores,
      Stores,
      Stores,
    ];
  });
  afterEach(async () => {
    for (const { opened } of [left, right, auditor]) await opened.close();
    await remove();
  });

  it('of many racing writers exactly the commits are taken, while they write', async () => {
    const committed: string[] = [];
    const taken: CommitRecord[] = [];
    let writing = true;
    const writers = [left, right].flatMap((stores) =>
      ['a', 'b', 'c'].map(async (key) => {
        for (let count = 0; count < 15; count++) committed.push(await commitOne(stores, key));
      }),
    );
    const audit = (async () => {
      while (writing) taken.push(...(await takeAll(auditor)));
    })();
    await Promise.all(writers);
    writing = false;
    await audit;
    taken.push(...(await takeAll(auditor)));
    expect(taken.map(({ transaction }) => transaction).sort()).toEqual(committed.sort());
    for (const key of ['a', 'b', 'c']) {
      const versions = taken.filter((one) => one.key === key).map(({ version }) => version);
      expect(versions).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    }
    expect(await itemsOf(options, 'records')).toEqual([]);
  });

  it('an auditor that starts anew goes on where the last one stopped', async () => {
    for (let count = 0; count < 5; count++) await commitOne(left, 'k');
    expect((await auditor.evidence.takeRecords(3)).map(({ version }) => version)).toEqual([
      1, 2, 3,
    ]);
    await auditor.evidence.dropTaken();
    const next = await openStores(options);
    expect((await next.evidence.takeRecords(9)).map(({ version }) => version)).toEqual([4, 5]);
    await next.opened.close();
  });

  it('the record of a commit that lost its race is dropped, never taken', async () => {
    await commitOne(left, 'k');
    const staged = recordOf('k', 1);
    await conflicts(right.business.commit('orders', 'k', 0, { state: bytes('x'), record: staged }));
    expect(await itemsOf(options, 'records')).toHaveLength(2);
    expect(await takeAll(auditor)).toHaveLength(1);
    expect(await itemsOf(options, 'records')).toEqual([]);
  });

  it('a commit by one that did not load the entity is in the chain too', async () => {
    await commitOne(left, 'k');
    const record = recordOf('k', 2);
    await right.business.commit('orders', 'k', 1, { state: bytes('x'), record });
    await commitOne(left, 'k');
    const versions = (await takeAll(auditor)).map(({ version }) => version);
    expect(versions).toEqual([1, 2, 3]);
  });
});

/** Loads and commits with a record, again after a lost race; its transaction. */
async function commitOne({ business }: Stores, key: string): Promise<string> {
  for (;;) {
    const { version } = await business.load('orders', key, id());
    const record = recordOf(key, version + 1);
    const { transaction } = record;
    try {
      await business.commit('orders', key, version, { state: bytes('x'), transaction, record });
      return transaction;
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

function recordOf(key: string, version: number): CommitRecord {
  const nothing = { previous: null, before: '', after: '', outgoing: [] };
  return { endpoint: 'orders', messageId: id(), key, transaction: id(), version, ...nothing };
}

async function takeAll({ evidence }: Stores): Promise<readonly CommitRecord[]> {
  const taken = await evidence.takeRecords(10_000);
  await evidence.dropTaken();
  return taken;
}
