/** What the commands share that look at a deployment or repair it: how it is named, opened, closed. */
import * as Flags from '@oclif/core/flags';
import type { Operation } from '../src/operate/operation.js';
import { OncectlCommand } from './base.js';

/** Flags of every operate command. */
export const operateFlags = {
  profile: Flags.string({
    char: 'p',
    description:
      'The deployment: a profile, a file, or a run (@last); else ONCECTL_PROFILE, else ./oncectl.yaml.',
    helpValue: 'NAME',
  }),
  set: Flags.string({
    description: 'Replace one value: deployment.namespace=shop. Can be given again.',
    helpValue: 'KEY=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'read-only': Flags.boolean({
    description: 'Refuse whatever would write.',
    env: 'ONCECTL_READ_ONLY',
  }),
};

/** Flag of those that write. */
export const reasonFlag = {
  reason: Flags.string({ description: 'Why; kept in the log.', helpValue: 'TEXT' }),
};

/** Flags of those that write after a question. */
export const writeFlags = {
  ...reasonFlag,
  yes: Flags.boolean({ char: 'y', description: 'Do not ask.' }),
};

export interface OperateFlags {
  readonly profile?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly 'read-only': boolean;
}

export abstract class OperateCommand extends OncectlCommand {
  /** Opens the deployment that the flags name, and closes it whatever `use` does. */
  protected async operate<T>(
    flags: OperateFlags,
    use: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    const { openOperation } = await import('../src/operate/operation.js');
    const { currentActor } = await import('../src/operate/actor.js');
    const operation = await openOperation({
      ...(await deploymentNamed(flags)),
      actor: currentActor(this.config.version),
      readOnly: flags['read-only'],
    });
    try {
      return await use(operation);
    } finally {
      await operation.close();
    }
  }
}

/** A run that has not written its result for so long is over. */
const goingOnMs = 10_000;

/** A run counts as a deployment too, also while it is going on. */
async function deploymentNamed(flags: OperateFlags) {
  const { chooseProfile } = await import('../src/profile/choose.js');
  const name = chooseProfile(flags.profile, process.env, process.cwd());
  if (await isRun(name)) {
    const { join } = await import('node:path');
    const { findRun, readResult } = await import('../src/bench/run-folder.js');
    const run = await findRun('runs', name);
    const { profile, status, endedAt } = await readResult(run);
    // A run that is going on says `aborted` and writes itself anew every two seconds.
    const isOver = status !== 'aborted' || Date.now() - Date.parse(endedAt) > goingOnMs;
    const folders = { folder: join(run, 'store'), evidenceFolder: join(run, 'evidence') };
    return { profile: profile.resolved, ...folders, workersGone: isOver };
  }
  const { loadProfile } = await import('../src/profile/load.js');
  const { deploymentFolder } = await import('../src/deployment/backends.js');
  const { profile } = await loadProfile(name, { set: flags.set ?? [] });
  const folder = deploymentFolder(profile, process.cwd());
  return { profile, folder, evidenceFolder: null, workersGone: false };
}

async function isRun(name: string): Promise<boolean> {
  if (name.startsWith('@') || /^\d{4}-\d{2}-\d{2}-/.test(name)) return true;
  const { existsSync } = await import('node:fs');
  return existsSync(`${name}/result.json`);
}

/** A duration flag in ms. Refuses (`usage`) what is none. */
export async function durationOf(flag: string, text: string): Promise<number> {
  const { parseDuration } = await import('../src/profile/quantities.js');
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  const { OncectlError } = await import('../src/engine/errors.js');
  throw new OncectlError('usage', `"${text}" is no duration`, {
    about: flag,
    hint: 'with a unit: 30s, 5m, 2h, 7d',
  });
}

/** Aborted by Ctrl-C or SIGTERM, which then end the process with their own code. */
export function untilSignal(): AbortSignal {
  const interrupted = new AbortController();
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.exitCode = codes[signal];
      interrupted.abort();
    });
  }
  return interrupted.signal;
}
