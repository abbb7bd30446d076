/** What an operator does about a stopped run, step by step, and what each step must show. */
import { expect } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { BenchFolder } from '../bench/bench-cli.js';
import {
  json,
  killsOf,
  leavesEntry,
  run,
  type StoppedVariation,
  stepAfter,
  stop,
} from './stopped.js';

const last = ['-p', '@last'];
const all = [...last, '--older', '1ms'];

/** `what` gets a folder of its own, which goes when it is done. */
export async function inFolder(what: (folder: BenchFolder) => Promise<void>): Promise<void> {
  const folder = await BenchFolder.create();
  try {
    await what(folder);
  } finally {
    await folder.remove();
  }
}

/** Finds exactly what is stuck, reads the step of each, repairs, and again; then the audit is clean. */
export async function findExplainRepair(
  folder: BenchFolder,
  protocol: ProtocolName,
  variation: StoppedVariation,
): Promise<void> {
  const result = await stop(folder, protocol, variation);
  const stuck = stuckIn(result.leftBehind?.stuck);
  const isSearched = !JSON.stringify(variation).includes('sqs');

  const listed = await json(folder, 'outbox', 'list', ...all);
  expect(listed.code, listed.stderr).toBe(0);
  expect(listed.document.data).toHaveLength(stuck);
  const ids = new Set(listed.document.data.map((one: { messageId: string }) => one.messageId));
  for (const { step, messageId, endpoint } of killsOf(result)) {
    const boundary = step ?? '';
    const isStuck = leavesEntry(protocol, boundary);
    expect(ids.has(messageId), `${boundary}: ${messageId}`).toBe(isStuck);
    // A queue that cannot be searched tells nothing of a message that has no entry yet.
    if (!isSearched && !isStuck) continue;
    const inspected = await json(folder, 'inspect', messageId ?? '', ...last);
    expect(inspected.code, inspected.stderr).toBe(0);
    expect(inspected.document.data.endpoint).toBe(endpoint);
    const here = inspected.document.data.ladder.find(
      (rung: { state: string }) => rung.state === 'here',
    );
    expect(here?.step, boundary).toBe(stepAfter(protocol, boundary));
  }

  const repaired = await json(folder, 'outbox', 'repair', ...all, '--yes');
  expect(repaired.code, repaired.stderr).toBe(0);
  if (stuck > 0) {
    const { counts, remaining } = repaired.document.data;
    expect(counts).toEqual({ done: stuck, already: 0, yielded: 0, skipped: 0, failed: 0 });
    expect(remaining).toBe(0);
  }
  const again = await json(folder, 'outbox', 'repair', ...all, '--yes');
  expect(again.code).toBe(0);
  expect(again.document.data.items).toEqual([]);
  await expectClean(folder);
}

/** Two plans of the same items, applied at the same time. */
export async function repairTwiceAtOnce(
  folder: BenchFolder,
  protocol: ProtocolName,
  variation: StoppedVariation,
): Promise<void> {
  const result = await stop(folder, protocol, variation);
  const stuck = stuckIn(result.leftBehind?.stuck);
  await run(folder, 'outbox', 'repair', ...all, '--plan', 'a.json');
  await run(folder, 'outbox', 'repair', ...all, '--plan', 'b.json');
  const both = await Promise.all([
    json(folder, 'apply', 'a.json', ...last),
    json(folder, 'apply', 'b.json', ...last),
  ]);
  for (const { code, stderr, document } of both) {
    expect(code, stderr).toBe(0);
    const { done, yielded, failed } = document.data.counts;
    expect({ sum: done + yielded, failed }).toEqual({ sum: stuck, failed: 0 });
  }
  await expectClean(folder);
}

/** Everything that was left is handled, and the run's audit proves it. */
export async function expectClean(folder: BenchFolder): Promise<void> {
  const drained = await json(folder, 'bench', 'drain', '@last', '--timeout', '90s');
  expect(drained.code, drained.stderr).toBe(0);
  expect(drained.document.data.correctness).toMatchObject({ clean: true, pending: 0 });
}

function stuckIn(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
