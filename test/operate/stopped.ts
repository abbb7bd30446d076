/**
 * A run in which a worker process is killed at every step of its protocol and nothing is redelivered in
 * time: what it leaves behind is what an operator finds. Everything here goes through the built CLI.
 */
import { expect } from 'vitest';
import type { BenchResult, FaultRecord } from '../../src/bench/result.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { boundaries, protocolSteps, type StepName } from '../../src/engine/protocols/steps.js';
import { type BenchFolder, type Finished, RunningCli } from '../bench/bench-cli.js';

export interface StoppedVariation {
  readonly deployment?: object;
  readonly rate?: string;
  /** Between two kills: a worker has to start again. */
  readonly betweenMs?: number;
  /** How long it goes on after the last kill. */
  readonly tailMs?: number;
}

const firstKillMs = 600;
const marginMs = 6000;

/** Many entities: nobody else finishes a slot. */
export function stoppedProfile(protocol: ProtocolName, variation: StoppedVariation = {}) {
  const { betweenMs = 600, rate = '30/s', tailMs = 3500 } = variation;
  const untilMs = firstKillMs + betweenMs * boundaries(protocol).length;
  return {
    name: `stopped-${protocol}`,
    workers: 2,
    deployment: {
      protocol,
      backend: 'embedded',
      endpoints: { chain: 3 },
      retention: '10m',
      ...variation.deployment,
      // Nothing is redelivered while the run goes on, and soon after it: then it can be drained.
      visibility: `${Math.ceil((untilMs + tailMs + marginMs) / 1000)}s`,
    },
    load: {
      rate,
      warmup: '0s',
      duration: `${untilMs + tailMs}ms`,
      keys: { count: 100_000 },
    },
    faults: [
      { kind: 'kill', at: `${firstKillMs}ms`, every: `${betweenMs}ms`, until: `${untilMs}ms` },
    ],
    drain: { timeout: '1s', mayLeave: true },
  };
}

export interface CliDocument {
  readonly code: number | null;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: documents are read as a user's script would.
  readonly document: any;
}

/** Runs a command with `--json` in the folder, and reads its document. */
export async function json(folder: BenchFolder, ...args: string[]): Promise<CliDocument> {
  const ended = await run(folder, ...args, '--json');
  return { code: ended.code, stderr: ended.stderr, document: JSON.parse(ended.stdout) as unknown };
}

export function run(folder: BenchFolder, ...args: string[]): Promise<Finished> {
  return new RunningCli(folder, args).finished;
}

/** Runs the profile; every step was struck once. */
export async function stop(
  folder: BenchFolder,
  protocol: ProtocolName,
  variation: StoppedVariation = {},
): Promise<BenchResult> {
  const path = await folder.write(`${protocol}.yaml`, stoppedProfile(protocol, variation));
  const ended = await run(folder, 'bench', 'run', path, '--no-tui');
  expect([0, 103], ended.stderr).toContain(ended.code);
  const result = await folder.lastResult();
  expect(new Set(killsOf(result).map(({ step }) => step))).toEqual(new Set(boundaries(protocol)));
  return result;
}

export function killsOf({ faults }: BenchResult): readonly FaultRecord[] {
  return faults.filter(({ kind, messageId }) => kind === 'kill' && messageId !== null);
}

/** Steps that leave nothing in a store: after them it looks as before them. */
const traceless: ReadonlySet<StepName> = new Set<StepName>([
  ...['load', 'has-record', 'get-payload', 'handle', 'put-payloads'],
  ...['dispatch', 'delete-losers', 'enter'],
] as StepName[]);

/** The step at which a message that was stopped behind `boundary` stands, as far as stores can tell. */
export function stepAfter(protocol: ProtocolName, boundary: string): StepName {
  const steps = protocolSteps[protocol];
  let at = steps.indexOf(boundary.replace('after ', '') as StepName) + 1;
  while (at > 0 && traceless.has(steps[at - 1] as StepName)) at--;
  return steps[at] as StepName;
}

/** Whether an entry or slot is left when it stops there. */
export function leavesEntry(protocol: ProtocolName, boundary: string): boolean {
  const steps = protocolSteps[protocol];
  const at = steps.indexOf(boundary.replace('after ', '') as StepName);
  const from = steps.findIndex((step) => step === 'commit' || step === 'commit-slot');
  const until = steps.findIndex((step) =>
    ['mark-dispatched', 'remove-entry', 'clear-slot'].includes(step),
  );
  return from >= 0 && at >= from && at < until;
}
