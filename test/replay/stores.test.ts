/** Schedules of the verifier on real stores, with real kills: a mutant breaks there too, the right one not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Replayed } from '../../src/replay/index.js';
import { type Mutant, mutants } from '../../src/verify/mutants/index.js';
import { scheduleTo } from '../../src/verify/schedule-to.js';
import { type TraceFile, traceFileOf } from '../../src/verify/trace-file.js';
import { verifyMutant } from '../../src/verify/verify.js';

// The worker processes are the compiled ones.
const { replayOnStores } = (await import(
  '../../dist/src/replay/index.js' as string
)) as typeof import('../../src/replay/index.js');

const limits = { timeMs: 60_000, mostStates: 3_000_000 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-replay-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function traceOf(mutant: Mutant): Promise<TraceFile> {
  const { subject, found } = await verifyMutant(mutant, limits);
  if (!found) throw new Error('not caught');
  return traceFileOf(subject, found);
}

const ofPrograms = mutants
  .filter(({ program, wrongs, stores, others }) => program && !wrongs && !stores && !others)
  .map((mutant): [string, Mutant] => [mutant.name, mutant]);

function kills({ steps }: TraceFile): number {
  return steps.filter(({ what, note }) => what === 'crashes' || note.endsWith('then crashes'))
    .length;
}

it('there are mutants to replay', () => expect(ofPrograms.length).toBeGreaterThan(8));

it.each(ofPrograms)(
  '%s violates the same on real stores',
  async (_name, mutant) => {
    const file = await traceOf(mutant);
    const replayed = await replayOnStores(file, { folder });
    expect(replayed.violation?.invariant, told(replayed)).toBe(file.invariant);
    expect(replayed.divergedAt, told(replayed)).toBeNull();
    expect(replayed.kills).toBe(kills(file));
  },
  60_000,
);

it.each(ofPrograms)(
  'the right protocol takes the schedule of %s without harm',
  async (_name, mutant) => {
    const file = await traceOf(mutant);
    const replayed = await replayOnStores(file, { folder, protocol: 'right' });
    expect(replayed.violation, told(replayed)).toBeNull();
  },
  60_000,
);

it('refuses a schedule of stores that deviate', async () => {
  const [mutant] = mutants.filter(({ wrongs }) => wrongs);
  const file = await traceOf(mutant as Mutant);
  await expect(replayOnStores(file, { folder })).rejects.toThrow(
    'is wrong in its stores, not in its program',
  );
});

it('refuses a schedule with repairs', async () => {
  const [mutant] = mutants.filter(({ repairing }) => repairing);
  const file = await traceOf(mutant as Mutant);
  await expect(replayOnStores(file, { folder })).rejects.toThrow('it has repairs');
});

/** Where a message of each protocol stopped, in the middle of its steps. */
const stopped = [
  ['local-transaction', 'handle'],
  ['outbox', 'dispatch'],
  ['dedupe-store', 'add-record'],
  ['token', 'put-payloads'],
  ['register-commit-publish', 'register'],
] as const;

it.each(stopped)(
  '%s, stopped behind %s: the schedule that leads there holds on real stores',
  async (protocol, doneUpTo) => {
    const standing = { receives: 2, registered: 0, hasCopy: true, isRepaired: false };
    const file = scheduleTo({ ...standing, protocol, doneUpTo }, '');
    const replayed = await replayOnStores(file, { folder });
    expect(replayed.violation, told(replayed)).toBeNull();
    expect(replayed.divergedAt, told(replayed)).toBeNull();
    expect(replayed.kills).toBe(2);
  },
  60_000,
);

it('refuses one in which a repair brings it to its end', async () => {
  const standing = { receives: 1, registered: 0, hasCopy: true, isRepaired: true };
  const file = scheduleTo({ ...standing, protocol: 'outbox', doneUpTo: 'commit' }, '');
  await expect(replayOnStores(file, { folder })).rejects.toThrow('it has repairs');
});

function told({ steps, violation }: Replayed): string {
  const lines = steps.map(({ move, did }) => `w${move.worker} ${move.what} ${move.note} -> ${did}`);
  return [...lines, violation?.text ?? ''].join('\n');
}
