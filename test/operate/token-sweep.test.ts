/** Quarantine, deletion and the way back, by one operator and by two. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { examineTokens } from '../../src/operate/token/examine.js';
import { findLost } from '../../src/operate/token/lost.js';
import { planDelete, planQuarantine } from '../../src/operate/token/plan-sweep.js';
import { quarantined } from '../../src/operate/token/quarantine.js';
import { planRestore } from '../../src/operate/token/restore.js';
import { planUndo } from '../../src/operate/undo.js';
import { Deployed, first } from './deployed.js';

let deployed: Deployed;
beforeEach(async () => {
  deployed = await Deployed.open('token');
});
afterEach(() => deployed.close());

const now = { quarantinedForMs: 0, keepsBackup: true };

/** The payload of an attempt that lost to one whose message waits at the second endpoint. */
async function orphan(): Promise<string> {
  await deployed.send();
  const zombie = await deployed.work(first, 'put-payloads');
  await deployed.work(first, null);
  await zombie.thaw();
  await deployed.drained(first);
  const { tokens } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  const [found, ...others] = tokens.filter(({ verdict }) => verdict === 'orphan');
  expect(others).toEqual([]);
  return found?.id ?? '';
}

async function quarantine() {
  const { tokens } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  return planQuarantine(deployed.operation, tokens, {});
}

async function deletion() {
  const records = await quarantined(deployed.operation.cells);
  return planDelete(deployed.operation, records, now, {});
}

function body(id: string) {
  return deployed.operation.deployment.ports.payload.get(id);
}

it('in quarantine the payload is where it was; lifted, it can be swept again', async () => {
  const id = await orphan();
  const before = await body(id);
  expect((await deployed.apply(await quarantine())).counts.done).toBe(1);
  expect(await body(id)).toEqual(before);
  expect((await quarantine()).items).toEqual([]);
  const tooYoung = { ...now, quarantinedForMs: 60_000 };
  const records = await quarantined(deployed.operation.cells);
  expect(planDelete(deployed.operation, records, tooYoung, {}).items).toEqual([]);
  const lifted = await deployed.apply(
    await planRestore(deployed.operation, [id], deployed.backups),
  );
  expect(lifted.counts.done).toBe(1);
  expect((await deletion()).items).toEqual([]);
  expect((await quarantine()).items.map((item) => item.id)).toEqual([id]);
});

it('deleted, it comes back from the backup with its body and its origin', async () => {
  const id = await orphan();
  const before = await body(id);
  const [seen] = (await quarantine()).items;
  await deployed.apply(await quarantine());
  const swept = await deployed.apply(await deletion());
  expect(swept.counts.done).toBe(1);
  expect(await body(id)).toBeNull();
  expect((await quarantined(deployed.operation.cells)).size).toBe(0);
  const restore = await planRestore(deployed.operation, [id.slice(0, -1)], swept.backup ?? '');
  expect((await deployed.apply(restore)).counts.done).toBe(1);
  expect(await body(id)).toEqual(before);
  const [again] = (await quarantine()).items;
  expect(again?.observed['origin']).toEqual(seen?.observed['origin']);
});

it('undo: of the quarantine it lifts it, of the deletion it puts the payload back', async () => {
  const id = await orphan();
  const before = await body(id);
  const undone = async (logId: number | null) =>
    (await deployed.apply(await planUndo(deployed.operation, logId ?? 0))).counts;
  const swept = await deployed.apply(await quarantine());
  expect(await undone(swept.logId)).toMatchObject({ done: 1, failed: 0 });
  expect((await deletion()).items).toEqual([]);
  await deployed.apply(await quarantine());
  const deleted = await deployed.apply(await deletion());
  expect(await body(id)).toBeNull();
  expect(await undone(deleted.logId)).toMatchObject({ done: 1, failed: 0 });
  expect(await body(id)).toEqual(before);
});

it('two operators with the same plans do it once between them', async () => {
  await orphan();
  const both = await Promise.all([quarantine(), quarantine()]);
  const swept = await Promise.all(both.map((plan) => deployed.apply(plan)));
  expect(sum(swept.map(({ counts }) => counts.done))).toBe(1);
  const deletions = await Promise.all([deletion(), deletion()]);
  const deleted = await Promise.all(deletions.map((plan) => deployed.apply(plan)));
  expect(sum(deleted.map(({ counts }) => counts.done))).toBe(1);
  expect(sum([...swept, ...deleted].map(({ counts }) => counts.failed))).toBe(0);
});

it('a deletion planned before the quarantine was lifted is not done', async () => {
  const id = await orphan();
  await deployed.apply(await quarantine());
  const plan = await deletion();
  await deployed.apply(await planRestore(deployed.operation, [id], deployed.backups));
  expect((await deployed.apply(plan)).counts).toMatchObject({ done: 0, yielded: 1 });
  expect(await body(id)).not.toBeNull();
});

it('a payload whose message was handled with it does not come back', async () => {
  const id = await orphan();
  await deployed.apply(await quarantine());
  const { backup } = await deployed.apply(await deletion());
  const text = await readFile(backup ?? '', 'utf8');
  await deployed.send();
  await deployed.work(first, 'commit');
  const { look } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  const [consumed = ''] = look.handled.keys();
  expect(consumed).not.toBe('');
  // The same line under the id of a payload that an entry has to consume.
  const edited = join(deployed.folder, 'edited.ndjson');
  await writeFile(edited, text.replaceAll(id, consumed));
  await deployed.operation.deployment.ports.payload.delete(consumed);
  const restore = await planRestore(deployed.operation, [consumed], edited);
  const { items } = await deployed.apply(restore);
  expect(items.map(({ result }) => result.outcome)).toEqual(['skipped']);
});

it('a backup that was changed is not put back', async () => {
  const id = await orphan();
  await deployed.apply(await quarantine());
  const { backup } = await deployed.apply(await deletion());
  const text = await readFile(backup ?? '', 'utf8');
  await writeFile(backup ?? '', text.replace('"base64":"', '"base64":"AAAA'));
  await expect(planRestore(deployed.operation, [id], backup ?? '')).rejects.toMatchObject({
    kind: 'format',
  });
});

it('without a backup nothing is exported, and the plan says that there is no way back', async () => {
  await orphan();
  await deployed.apply(await quarantine());
  const records = await quarantined(deployed.operation.cells);
  const plan = planDelete(deployed.operation, records, { ...now, keepsBackup: false }, {});
  expect(plan.summary.irreversible).toBe(1);
  expect(plan.items[0]?.actions).toEqual(['delete']);
  expect(await readdir(deployed.backups).catch(() => [])).toEqual([]);
});

it('a queued message whose payload is absent is lost, or was handled: which is said', async () => {
  const { id } = await deployed.send();
  const { tokens, look } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  const present = new Set(tokens.map((token) => token.id));
  expect(await findLost(deployed.operation, look, present)).toEqual([]);
  for (const token of tokens) await deployed.operation.deployment.ports.payload.delete(token.id);
  const lost = await findLost(deployed.operation, look, new Set());
  expect(lost).toMatchObject([{ messageId: id, verdict: 'lost or handled', state: 'visible' }]);
});

it('with an unchecked entry, an absent payload was lost for certain', async () => {
  const { id } = await deployed.send();
  const zombie = await deployed.work(first, 'commit');
  const { tokens } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  for (const token of tokens) await deployed.operation.deployment.ports.payload.delete(token.id);
  const look = await visibleAgain();
  const lost = await findLost(deployed.operation, look, new Set());
  expect(lost).toMatchObject([{ messageId: id, verdict: 'lost' }]);
  await zombie.thaw();
});

/** Looks around until no worker has a lease any more. */
async function visibleAgain() {
  for (;;) {
    const { look } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
    if (look.copies.every(({ state }) => state === 'visible')) return look;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
