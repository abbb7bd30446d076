/** By what duplicates are recognised, what would happen to a copy, and records that are pruned and put back. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { checkCopy } from '../../src/operate/dedupe/check.js';
import { planPrune } from '../../src/operate/dedupe/prune.js';
import { exactRecord, findKnown } from '../../src/operate/dedupe/records.js';
import type { BackupLine } from '../../src/operate/plan/backup.js';
import { restoreRecord } from '../../src/operate/restore/dedupe.js';
import { Deployed, first } from './deployed.js';

const everything = { endpoints: [], prefix: '', olderThanMs: null, expired: false };
const whole = { ...everything, limit: 100, after: null };

async function using(protocol: ProtocolName, what: (deployed: Deployed) => Promise<void>) {
  const deployed = await Deployed.open(protocol);
  try {
    await what(deployed);
  } finally {
    await deployed.close();
  }
}

async function verdict({ operation }: Deployed, id: string, endpoint: string | null = null) {
  const { would, says } = await checkCopy(operation, id, endpoint, (ms) => `at ${ms}`);
  return { would, says };
}

it.each([
  [
    'outbox',
    'entry',
    /^would be dropped: committed by worker commit, dispatched at \d+; entry until at \d+$/,
  ],
  ['dedupe-store', 'record', /^would be dropped: processed at \d+ by worker heir; record until/],
] as const)('%s: before, between and after', (protocol, kind, dropped) =>
  using(protocol, async (deployed) => {
    const { id } = await deployed.send();
    expect((await verdict(deployed, id)).would).toBe('be handled');
    await deployed.work(first, 'commit');
    const between = await verdict(deployed, id);
    const step = protocol === 'outbox' ? 4 : 5;
    expect(between.says).toBe(`would go on at step ${step} (dispatch) from the entry`);
    await deployed.work(first, null);
    expect((await verdict(deployed, id)).says).toMatch(dropped);
    const { messages } = await findKnown(deployed.operation, whole);
    expect(messages).toMatchObject([{ messageId: id, endpoint: first, kind }]);
  }),
);

it('token: the payload decides, and once it is gone nobody can tell why', () =>
  using('token', async (deployed) => {
    const { id } = await deployed.send();
    expect((await verdict(deployed, id)).would).toBe('be handled');
    const frozen = await deployed.work(first, 'commit');
    expect((await verdict(deployed, id)).says).toBe(
      'would go on at step 5 (put-payloads) from the entry',
    );
    await deployed.work(first, null);
    await frozen.thaw();
    expect(await verdict(deployed, id, first)).toEqual({
      would: 'depend on its payload',
      says: 'would be handled if the payload that it names is present, and dropped if not',
    });
    expect((await findKnown(deployed.operation, whole)).messages).toEqual([]);
  }));

it('register-commit-publish: from the slot, whoever comes', () =>
  using('register-commit-publish', async (deployed) => {
    const { id } = await deployed.send();
    await deployed.work(first, 'commit-slot');
    expect((await verdict(deployed, id)).says).toBe(
      'would go on at step 7 (dispatch) from the slot',
    );
  }));

it('pages follow one another without a gap', () =>
  using('dedupe-store', async (deployed) => {
    const sent = [];
    for (let count = 0; count < 5; count++) {
      sent.push((await deployed.send()).id);
      await deployed.work(first, null);
    }
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await findKnown(deployed.operation, { ...everything, limit: 2, after });
      found.push(...page.messages.map(({ messageId }) => messageId));
      if (page.next === null) break;
      after = page.next;
    }
    expect(found).toEqual(sent.sort());
  }));

it('a record that has not expired is pruned by who accepts duplicates only; and comes back', () =>
  using('dedupe-store', async (deployed) => {
    const { operation } = deployed;
    const { id } = await deployed.send();
    await deployed.work(first, null);
    const query = { endpoints: [], keepsBackup: true, limit: 100 };
    const plan = (olderThanMs: number | null, acceptDuplicates: boolean) =>
      planPrune(operation, { ...query, olderThanMs, acceptDuplicates }, {});
    expect((await plan(null, false)).items).toEqual([]);
    const careful = await plan(0, false);
    expect(careful.items).toEqual([]);
    expect(careful.skipped).toMatchObject([{ count: 1, flag: '--accept-duplicates' }]);
    const before = await exactRecord(operation.endpoint(first), id);
    const pruned = await deployed.apply(await plan(0, true));
    expect(pruned.counts.done).toBe(1);
    expect((await verdict(deployed, id, first)).would).toBe('be handled');
    const line = JSON.parse(await readFile(pruned.backup ?? '', 'utf8')) as BackupLine;
    expect(await restoreRecord(operation, line)).toMatchObject({ outcome: 'done' });
    expect(await restoreRecord(operation, line)).toEqual({ outcome: 'already' });
    expect(await exactRecord(operation.endpoint(first), id)).toEqual(before);
  }));

it('a record that was written anew since it was planned stays', () =>
  using('dedupe-store', async (deployed) => {
    const { operation } = deployed;
    const { id } = await deployed.send();
    await deployed.work(first, null);
    const query = { endpoints: [], keepsBackup: true, limit: 100, olderThanMs: 0 };
    const plan = await planPrune(operation, { ...query, acceptDuplicates: true }, {});
    const anew = { by: 'another', at: Date.now() + 1000, expires: Date.now() + 600_000 };
    const endpoint = operation.endpoint(first);
    const before = await exactRecord(endpoint, id);
    if (before) await endpoint.upkeep.dedupe.remove(first, id, before);
    await endpoint.ports.dedupe.add(first, id, anew);
    expect((await deployed.apply(plan)).counts).toMatchObject({ done: 0, yielded: 1 });
    expect(await exactRecord(endpoint, id)).toMatchObject(anew);
  }));
