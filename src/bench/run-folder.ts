/** `runs/<time>-<profile>/`: where a run leaves everything, and how it is found again. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import type { BenchResult } from './result.js';

export interface RunFolder {
  readonly id: string;
  readonly path: string;
  readonly store: string;
  readonly evidence: string;
  readonly logs: string;
  /** What the run's schema, queues, tables and objects are named after. */
  readonly namespace: string;
}

/** Creates the folder of a new run under `out`. Errors: `denied`, `disk-full`. */
export function createRunFolder(out: string, profileName: string, now: Date): RunFolder {
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  for (let attempt = 1; ; attempt++) {
    const suffix = attempt === 1 ? '' : `-${attempt}`;
    const id = `${stamp}-${profileName}${suffix}`;
    const path = resolve(out, id);
    if (!tryCreate(out, path)) continue;
    const folder = {
      id,
      path,
      store: join(path, 'store'),
      evidence: join(path, 'evidence'),
      logs: path,
      namespace: `run-${stamp}-${randomBytes(3).toString('hex')}`,
    };
    mkdirSync(folder.evidence);
    return folder;
  }
}

function tryCreate(out: string, path: string): boolean {
  try {
    mkdirSync(out, { recursive: true });
    mkdirSync(path);
    return true;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    const kind = code === 'ENOSPC' ? 'disk-full' : 'denied';
    throw new OncectlError(kind, 'the folder for the run cannot be made', {
      about: path,
      hint: 'choose another one with --out',
      cause,
    });
  }
}

/** Replaces `result.json` in one step: whoever reads it finds a whole document, at any time. */
export async function writeResult(folder: string, result: BenchResult): Promise<void> {
  const path = join(folder, 'result.json');
  const draft = `${path}.part`;
  const file = await open(draft, 'w');
  await file.writeFile(`${JSON.stringify(result, null, 1)}\n`);
  await file.sync();
  await file.close();
  await rename(draft, path);
}

/** A run as `bench list` finds it. */
export interface FoundRun {
  readonly id: string;
  readonly path: string;
  /** null: there is none, or it cannot be read. */
  readonly result: BenchResult | null;
}

/** All runs under `out`, newest first; empty when there are none. */
export async function listRuns(out: string): Promise<readonly FoundRun[]> {
  const names = await runNames(out);
  return Promise.all(
    names.map(async (id) => {
      const path = resolve(out, id);
      return { id, path, result: await readResult(path).catch(() => null) };
    }),
  );
}

async function runNames(out: string): Promise<string[]> {
  const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && /^\d{4}-\d{2}-\d{2}-\d{6}-/.test(entry.name))
    .map(({ name }) => name)
    .sort()
    .reverse();
}

/** Reads a run's result. Errors: `format` when it is damaged, `not-found` when there is none. */
export async function readResult(folder: string): Promise<BenchResult> {
  const path = join(folder, 'result.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OncectlError('not-found', 'this run left no result', { about: path, cause });
  });
  try {
    const result = JSON.parse(text) as BenchResult;
    if (result.schema === 'oncectl/bench.result/v1') return result;
  } catch {
    // Falls through to the one error below.
  }
  throw new OncectlError('format', 'this is not a result that this oncectl can read', {
    about: path,
    hint: 'it was cut short, edited, or written by another version',
  });
}

/**
 * Finds a run by `@last`, its folder, its id, or any unique part of the id of 6 characters or more.
 * Errors: `not-found`, `ambiguous` (with the candidates).
 */
export async function findRun(out: string, wanted: string): Promise<string> {
  const names = await runNames(out);
  if (wanted === '@last') {
    const last = names[0];
    if (last !== undefined) return resolve(out, last);
    throw new OncectlError('not-found', `there is no run under ${out} yet`, {
      about: wanted,
      hint: 'start one: oncectl bench run quick',
    });
  }
  if (names.includes(wanted)) return resolve(out, wanted);
  const matching = wanted.length >= 6 ? names.filter((name) => name.includes(wanted)) : [];
  if (matching.length === 1) return resolve(out, matching[0] ?? '');
  if (matching.length > 1) throw ambiguous(wanted, matching);
  const asFolder = await readFile(join(resolve(wanted), 'result.json')).catch(() => null);
  if (asFolder) return resolve(wanted);
  throw new OncectlError('not-found', `no run is called "${wanted}"`, {
    about: out,
    hint: 'oncectl bench list shows them; any 6 characters of an id that only it has will do',
  });
}

function ambiguous(wanted: string, matching: readonly string[]): OncectlError {
  return new OncectlError('ambiguous', `${matching.length} runs match "${wanted}"`, {
    about: matching.slice(0, 5).join(', '),
    hint: 'give more of the id',
  });
}
