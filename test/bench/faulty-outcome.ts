/** What a run of `faultyProfile` has to show, whatever the backend. */
import { expect } from 'vitest';
import type { BenchResult } from '../../src/bench/result.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { boundaries } from '../../src/engine/protocols/steps.js';
import { type BenchFolder, type Finished, linesOf } from './bench-cli.js';

/** The result, once the stream has ended as it should. */
export async function resultOf(
  folder: BenchFolder,
  { stdout, stderr, code }: Finished,
): Promise<BenchResult> {
  const last = linesOf(stdout).at(-1);
  expect(last?.type, `exit ${code}: ${stdout.slice(-2000)}${stderr}`).toBe('summary');
  return folder.lastResult();
}

export function kills({ faults }: BenchResult) {
  return faults.filter(({ kind }) => kind === 'kill');
}

/** Each step was killed once, and the faults of single messages took place. */
export function expectStruck(protocol: ProtocolName, result: BenchResult): void {
  const struck = kills(result);
  expect([...new Set(struck.map(({ step }) => step))].sort()).toEqual(
    [...boundaries(protocol)].sort(),
  );
  for (const kill of struck) {
    expect(kill.messageId).toHaveLength(26);
    expect(kill.endpoint).toMatch(/^endpoint-0[123]$/);
    expect(kill.atMs).toBeGreaterThan(0);
  }
  expect(result.faults.filter(({ kind }) => kind === 'stall')).toHaveLength(1);
  for (const kind of ['duplicate', 'delay', 'drop-ack']) {
    const count = result.faultCounts[kind] ?? 0;
    // One transaction takes the message and acknowledges it: there is no ack to lose.
    if (kind === 'drop-ack' && protocol === 'local-transaction') expect(count).toBe(0);
    else expect(count, kind).toBeGreaterThan(0);
  }
  expect(result.correctness?.redelivered).toBeGreaterThan(0);
}
