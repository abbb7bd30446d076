/**
 * Workers are stopped at every step of every protocol (SIGKILL, real processes); then an operator finds,
 * understands and repairs what is left, through the built CLI, on embedded.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { BenchFolder } from '../bench/bench-cli.js';
import { json, killsOf, leavesEntry, run, stepAfter, stop } from './stopped.js';

const protocols: readonly ProtocolName[] = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];
const longestMs = 120_000;
const last = ['-p', '@last'];
const all = [...last, '--older', '1ms'];

let folder: BenchFolder;
beforeEach(async () => {
  folder = await BenchFolder.create();
});
afterEach(() => folder.remove());

describe.each(protocols)('%s, stopped at every step', (protocol) => {
  it('list finds exactly what is stuck, inspect names the step, repair brings the audit to clean', {
    timeout: longestMs,
  }, async () => {
    const result = await stop(folder, protocol);
    const left = Object.values(result.leftBehind?.stuck ?? {});
    const stuck = left.reduce((sum, count) => sum + count, 0);

    const listed = await json(folder, 'outbox', 'list', ...all);
    expect(listed.code, listed.stderr).toBe(0);
    expect(listed.document.data).toHaveLength(stuck);
    const ids = new Set(
      listed.document.data.map((entry: { messageId: string }) => entry.messageId),
    );
    for (const { step, messageId, endpoint } of killsOf(result)) {
      const boundary = step ?? '';
      expect(ids.has(messageId), `${boundary}: ${messageId}`).toBe(leavesEntry(protocol, boundary));
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

    const drained = await json(folder, 'bench', 'drain', '@last');
    expect(drained.code, drained.stderr).toBe(0);
    expect(drained.document.data.correctness).toMatchObject({ clean: true, pending: 0 });
  });

  it('two repairs at once do each item once between them', { timeout: longestMs }, async () => {
    const result = await stop(folder, protocol);
    const left = Object.values(result.leftBehind?.stuck ?? {});
    const stuck = left.reduce((sum, count) => sum + count, 0);
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
    const drained = await json(folder, 'bench', 'drain', '@last');
    expect(drained.code, drained.stderr).toBe(0);
    expect(drained.document.data.correctness).toMatchObject({ clean: true, pending: 0 });
  });
});
