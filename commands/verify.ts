import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { protocolNames } from '../src/engine/protocols/names.js';
import type { CommandResult } from '../src/report/output.js';
import type { VerifyLook } from '../src/report/verify.js';
import type { Progress, StoreModels, TraceFile, Verified, Walks } from '../src/verify/index.js';
import { OncectlCommand } from './base.js';

const subjects = ['all', ...protocolNames] as const;
const business = ['strong', 'stale', 'content-hash'] as const;
const dedupe = ['strong', 'stale', 'negative-cache', 'expiry'] as const;
const payload = ['strong', 'stale', 'negative-cache', 'stale-delete', 'expiry'] as const;

export default class Verify extends OncectlCommand {
  static override summary =
    'Explore what the world may do to a protocol: crashes, copies, zombies, late writes, stale reads.';
  static override description =
    'Runs the protocol programs that production runs, on simulated stores, through every schedule ' +
    'within the bounds. Prints that none breaks an invariant, or the shortest that does. ' +
    'Exit 0 holds, 97 violated, 7 not exhausted; with --mutant 0 caught, 97 got through; with ' +
    '--replay 0 nothing violated, 97 violated, 7 a schedule that has to hold cannot be followed.';
  static override args = {
    protocol: Args.string({
      options: [...subjects],
      default: 'all',
      description: 'The protocol; all: every one but none.',
    }),
  };
  static override flags = {
    mutant: Flags.string({
      description: 'Explore a wrong variant instead, or all of them: each must be caught.',
      helpValue: 'NAME|all',
    }),
    messages: Flags.integer({ description: 'Messages that enter.', default: 1, min: 1, max: 3 }),
    copies: Flags.integer({ description: 'Copies of each.', default: 2, min: 1, max: 4 }),
    workers: Flags.integer({ description: 'Workers.', default: 2, min: 1, max: 4 }),
    crashes: Flags.integer({
      description: 'Crashes and leases that end while the worker lives on.',
      default: 1,
      min: 0,
      max: 9,
    }),
    late: Flags.integer({
      description: 'Writes that time out and land later, or never.',
      default: 1,
      min: 0,
      max: 1,
    }),
    attempts: Flags.integer({
      description: 'Attempts registered at a time (register-commit-publish).',
      default: 3,
      min: 1,
      max: 5,
    }),
    repairs: Flags.integer({
      description: 'Repairs that an operator may begin, beside the workers and one another.',
      default: 0,
      min: 0,
      max: 3,
    }),
    producer: Flags.option({ options: protocolNames })({
      description: 'Put an endpoint with this protocol in front, which sends the messages on.',
      helpValue: 'PROTOCOL',
    }),
    business: Flags.option({ options: business, multiple: true, delimiter: ',' })({
      description: 'Model of the business store; of several, each is explored. [strong]',
    }),
    dedupe: Flags.option({ options: dedupe, multiple: true, delimiter: ',' })({
      description: 'Model of the dedupe store. [strong]',
    }),
    payload: Flags.option({ options: payload, multiple: true, delimiter: ',' })({
      description: 'Model of the payload store. [strong]',
    }),
    time: Flags.string({ description: 'Time for each line of the table.', default: '30s' }),
    seed: Flags.integer({
      description: 'Random walks from this seed instead of every schedule.',
      min: 0,
    }),
    walks: Flags.integer({
      description: 'How many walks. [1000]',
      min: 1,
      dependsOn: ['seed'],
    }),
    explain: Flags.boolean({
      description: 'A column a worker, what the stores hold, and what went wrong.',
    }),
    trace: Flags.string({
      description: 'Write the schedule that breaks it; replay it with --replay.',
      helpValue: 'FILE',
    }),
    replay: Flags.string({
      description: 'Take the steps of a kept schedule again.',
      helpValue: 'FILE',
      exclusive: ['mutant', 'trace', 'seed'],
    }),
    on: Flags.string({
      description: 'Replay with real workers, real kills, on the stores of this profile.',
      helpValue: 'PROFILE',
      dependsOn: ['replay'],
    }),
    right: Flags.boolean({
      description: 'Take the steps with the right protocol, in place of the mutant of the file.',
      dependsOn: ['on'],
    }),
  };
  static override examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify token --crashes 2',
    '<%= config.bin %> verify dedupe-store --repairs 2',
    '<%= config.bin %> verify dedupe-store --dedupe negative-cache',
    '<%= config.bin %> verify all --dedupe strong,negative-cache,expiry',
    '<%= config.bin %> verify --mutant check-before-load --explain',
    '<%= config.bin %> verify --mutant check-before-load --trace trace.json',
    '<%= config.bin %> verify --replay trace.json --on quick',
    '<%= config.bin %> verify token --workers 3 --messages 3 --seed 7 --walks 5000',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Verify);
    if (flags.replay !== undefined) {
      if (flags.on === undefined) return replaySimulated(flags.replay, flags.explain);
      return replayOnProfile(flags.replay, flags.on, flags.right);
    }
    const { verifyResult, mutantResult } = await import('../src/report/verify.js');
    const isMany = (flags.mutant ?? args.protocol) === 'all';
    if (flags.trace !== undefined && isMany) await refuseTraceOfMany();
    const asked: Asked = {
      limits: { timeMs: await durationOf(flags.time), mostStates: 40_000_000 },
      sampled:
        flags.seed === undefined ? undefined : { seed: flags.seed, count: flags.walks ?? 1000 },
    };
    const look: VerifyLook = { explain: flags.explain, traces: !isMany || flags.explain };
    const all =
      flags.mutant === undefined
        ? await exploreProtocols(args.protocol, flags, asked)
        : await exploreMutants(flags.mutant, asked);
    if (flags.trace !== undefined) await keepTrace(all, flags.trace);
    return flags.mutant === undefined ? verifyResult(all, look) : mutantResult(all, look);
  }
}

interface Asked {
  readonly limits: { readonly timeMs: number; readonly mostStates: number };
  readonly sampled: Walks | undefined;
}

interface Bounding {
  readonly messages: number;
  readonly copies: number;
  readonly workers: number;
  readonly crashes: number;
  readonly late: number;
  readonly attempts: number;
  readonly repairs: number;
  readonly producer?: (typeof protocolNames)[number] | undefined;
  readonly business?: readonly StoreModels['business'][] | undefined;
  readonly dedupe?: readonly StoreModels['dedupe'][] | undefined;
  readonly payload?: readonly StoreModels['payload'][] | undefined;
}

async function exploreProtocols(
  wanted: string,
  flags: Bounding,
  { limits, sampled }: Asked,
): Promise<Verified[]> {
  const { verifyProtocol } = await import('../src/verify/index.js');
  const { workers, copies, crashes, late: unknowns, attempts, repairs, messages } = flags;
  const bounds = { workers, copies, crashes, unknowns, attempts, repairs };
  const chosen = protocolNames.filter((name) =>
    wanted === 'all' ? name !== 'none' : name === wanted,
  );
  const all: Verified[] = [];
  for (const protocol of chosen) {
    for (const stores of storesOf(flags)) {
      const request = { protocol, producer: flags.producer ?? null, messages, bounds, stores };
      const watched = { ...limits, onProgress: progressOf(protocol) };
      all.push(...(await verifyProtocol(request, watched, sampled)));
      clearProgress();
    }
  }
  return all;
}

/** Every combination of the models asked for. */
function storesOf({ business = ['strong'], dedupe = ['strong'], payload = ['strong'] }: Bounding) {
  return business.flatMap((one) =>
    dedupe.flatMap((other) =>
      payload.map((third): StoreModels => ({ business: one, dedupe: other, payload: third })),
    ),
  );
}

async function exploreMutants(wanted: string, { limits, sampled }: Asked): Promise<Verified[]> {
  const { mutants, verifyMutant } = await import('../src/verify/index.js');
  const chosen = mutants.filter(({ name }) => wanted === 'all' || name === wanted);
  if (chosen.length === 0) {
    const { nearest } = await import('../src/profile/nearest.js');
    const names = mutants.map(({ name }) => name);
    const meant = nearest(wanted, names);
    const hint = meant ? `did you mean ${meant}?` : `there are: ${names.join(', ')}`;
    await refuse(`no mutant is named ${wanted}`, '--mutant', hint);
  }
  const all: Verified[] = [];
  for (const mutant of chosen) {
    const watched = { ...limits, onProgress: progressOf(mutant.name) };
    all.push(await verifyMutant(mutant, watched, sampled));
    clearProgress();
  }
  return all;
}

async function keepTrace(all: readonly Verified[], path: string): Promise<void> {
  const broken = all.find(({ found }) => found !== null);
  if (!broken?.found) {
    process.stderr.write(`${path} was not written: there is no violation\n`);
    return;
  }
  const { traceFileOf, writeTrace } = await import('../src/verify/index.js');
  await writeTrace(path, traceFileOf(broken.subject, broken.found));
}

async function readKept(path: string): Promise<TraceFile> {
  const { readTrace } = await import('../src/verify/index.js');
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(path, 'utf8').catch((error: Error) =>
    refuse(`cannot be read: ${error.message}`, path, 'write one with --trace FILE'),
  );
  return readTrace(text, path);
}

async function replaySimulated(path: string, explain: boolean): Promise<CommandResult> {
  const file = await readKept(path);
  const { replaySteps } = await import('../src/verify/index.js');
  const { replayResult } = await import('../src/report/verify-replay.js');
  return replayResult(file, replaySteps(file), explain);
}

async function replayOnProfile(path: string, name: string, right: boolean): Promise<CommandResult> {
  const file = await readKept(path);
  const { loadProfile } = await import('../src/profile/load.js');
  const { profile } = await loadProfile(name);
  const { broker, business, dedupe, payload } = profile.deployment;
  const other = [broker, business, dedupe, payload].find((backend) => backend !== 'embedded');
  if (other)
    await refuse(
      `its stores are ${other}`,
      `--on ${name}`,
      'only embedded ones can be replayed on',
    );
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { replayOnStores } = await import('../src/replay/index.js');
  const { storesResult } = await import('../src/report/verify-replay.js');
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-replay-'));
  const onStep = (index: number) => showProgress(`step ${index + 1} of ${file.steps.length}`);
  const protocol = right ? 'right' : 'as in the trace';
  try {
    return storesResult(
      file,
      name,
      right,
      await replayOnStores(file, { folder, protocol, onStep }),
    );
  } finally {
    clearProgress();
    await rm(folder, { recursive: true, force: true });
  }
}

function refuseTraceOfMany(): Promise<never> {
  return refuse('a file keeps one schedule', '--trace', 'name one protocol, or one mutant');
}

async function refuse(what: string, about: string, hint: string): Promise<never> {
  const { OncectlError } = await import('../src/engine/errors.js');
  throw new OncectlError('usage', what, { about, hint });
}

async function durationOf(text: string): Promise<number> {
  const { parseDuration } = await import('../src/profile/quantities.js');
  const parsed = parseDuration(text);
  if (parsed !== null && parsed > 0) return parsed;
  return refuse(`"${text}" is no duration`, '--time', 'a number and a unit: 30s, 5m');
}

/** One line that is written over, for somebody who looks. */
function progressOf(what: string): (progress: Progress) => void {
  return ({ states, depth, ms }) => {
    const rate = Math.round(states / Math.max(ms, 1));
    showProgress(`${what}: ${states.toLocaleString('en-US')} states, ${rate}k/s, depth ${depth}`);
  };
}

function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
