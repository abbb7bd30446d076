import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { protocolNames } from '../src/engine/protocols/names.js';
import type { CommandResult } from '../src/report/output.js';
import type { Progress, StoreModels } from '../src/verify/index.js';
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
    'Exit 0 holds, 97 violated, 7 not exhausted; with --mutant 0 caught, 97 got through.';
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
    business: Flags.option({ options: business, default: 'strong' as const })({
      description: 'Model of the business store.',
    }),
    dedupe: Flags.option({ options: dedupe, default: 'strong' as const })({
      description: 'Model of the dedupe store.',
    }),
    payload: Flags.option({ options: payload, default: 'strong' as const })({
      description: 'Model of the payload store.',
    }),
    time: Flags.string({ description: 'Time for each protocol.', default: '30s' }),
  };
  static override examples = [
    '<%= config.bin %> verify',
    '<%= config.bin %> verify token --crashes 2',
    '<%= config.bin %> verify dedupe-store --dedupe negative-cache',
    '<%= config.bin %> verify --mutant check-before-load',
  ];

  protected override async obtain(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Verify);
    const timeMs = await durationOf(flags.time);
    const limits = { timeMs, mostStates: 40_000_000 };
    if (flags.mutant !== undefined) return exploreMutants(flags.mutant, limits);
    const { verifyProtocol } = await import('../src/verify/index.js');
    const { verifyResult, verifyRow } = await import('../src/report/verify.js');
    const { workers, copies, crashes, late: unknowns, attempts, messages } = flags;
    const bounds = { workers, copies, crashes, unknowns, attempts };
    const stores: StoreModels = {
      ...{ business: flags.business, dedupe: flags.dedupe, payload: flags.payload },
    };
    const chosen = protocolNames.filter((name) =>
      args.protocol === 'all' ? name !== 'none' : name === args.protocol,
    );
    const rows = [];
    for (const protocol of chosen) {
      const request = { protocol, messages, bounds, stores };
      const all = await verifyProtocol(request, { ...limits, onProgress: progressOf(protocol) });
      clearProgress();
      for (const explored of all) {
        const subject = { protocol, entities: explored.sharing, stores };
        rows.push(verifyRow({ ...subject, bounds: { ...bounds, messages } }, explored));
      }
    }
    return verifyResult(rows);
  }
}

async function exploreMutants(
  wanted: string,
  limits: { timeMs: number; mostStates: number },
): Promise<CommandResult> {
  const { mutants, mutantSubject, verifyMutant } = await import('../src/verify/index.js');
  const { mutantResult, verifyRow } = await import('../src/report/verify.js');
  const chosen = mutants.filter(({ name }) => wanted === 'all' || name === wanted);
  if (chosen.length === 0) {
    const { nearest } = await import('../src/profile/nearest.js');
    const { OncectlError } = await import('../src/engine/errors.js');
    const names = mutants.map(({ name }) => name);
    const meant = nearest(wanted, names);
    const hint = meant ? `did you mean ${meant}?` : `there are: ${names.join(', ')}`;
    throw new OncectlError('usage', `no mutant is named ${wanted}`, { about: '--mutant', hint });
  }
  const rows = [];
  for (const mutant of chosen) {
    const explored = await verifyMutant(mutant, { ...limits, onProgress: progressOf(mutant.name) });
    clearProgress();
    rows.push(verifyRow({ ...mutantSubject(mutant), mutant }, explored));
  }
  return mutantResult(rows, wanted !== 'all');
}

async function durationOf(text: string): Promise<number> {
  const { parseDuration } = await import('../src/profile/quantities.js');
  const parsed = parseDuration(text);
  if (parsed !== null && parsed > 0) return parsed;
  const { OncectlError } = await import('../src/engine/errors.js');
  const hint = 'a number and a unit: 30s, 5m';
  throw new OncectlError('usage', `"${text}" is no duration`, { about: '--time', hint });
}

/** One line that is written over, for somebody who looks. */
function progressOf(what: string): (progress: Progress) => void {
  return ({ states, depth, ms }) => {
    if (!process.stderr.isTTY) return;
    const rate = Math.round(states / Math.max(ms, 1));
    const line = `${what}: ${states.toLocaleString('en-US')} states, ${rate}k/s, depth ${depth}`;
    process.stderr.write(`\r${line}\u001b[K`);
  };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
