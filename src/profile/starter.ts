/** The file that `oncectl profile init` writes. */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve, sep } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { schemaPath } from './schema.js';

/** A profile to begin with; its first line tells editors where the schema is. */
function starterText(name: string, file: string, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
#
# oncectl bench run ${file}          runs it
# oncectl profile validate ${file}   checks it
# --set load.rate=80/s on either changes one value; \${RATE:-50/s} reads the environment.

name: ${name}
description: Three endpoints in a row

deployment:
  protocol: dedupe-store        # none, local-transaction, outbox, token, register-commit-publish
  backend: embedded
  endpoints:                    # or a shape: { chain: 15 }, { independent: 15 }, { fanOut: 3 }
    - name: orders
      sendsTo: payments
      # handlers: ./handlers.js#orders    # your own instead of the bench's
    - name: payments
      sendsTo: shipping
    - name: shipping
      sendsTo: sink             # what leaves the deployment
  # visibility: 30s             # after it, the broker delivers a message again
  # retention: 7d               # how long a handled message is remembered
  # maxAttempts: 5

load:
  rate: 50/s                    # what enters
  warmup: 5s
  duration: 30s
  # arrival: poisson
  # payload: 1KiB
  # keys: { count: 1000, distribution: hot, skew: 50 % }
  # stages:                     # instead of duration
  #   - { name: steady, duration: 60s }
  #   - { name: climb, duration: 60s, shape: step, from: 50/s, to: 200/s, count: 4 }

# faults:                       # what goes wrong on purpose
#   - { kind: kill, at: 5s, every: 2s }
#   - { kind: duplicate, share: 1 % }

thresholds:                     # any number of result.json; a missed one ends with exit 99
  - correctness.lost == 0
  - correctness.doubled == 0
  - hop.p99 < 100ms
`;
}

/**
 * Writes the starter profile and answers its absolute path. Refuses (kind `refused`) to replace a
 * file unless `force`.
 */
export async function writeStarter(file: string, cwd: string, force: boolean): Promise<string> {
  const path = resolve(cwd, file);
  const name = basename(path, extname(path)).replaceAll(/[^A-Za-z0-9_-]+/g, '-');
  const schema = relative(dirname(path), schemaPath()).split(sep).join('/');
  const safe = /^[A-Za-z0-9]/.test(name) ? name.slice(0, 63) : 'profile';
  const text = starterText(safe, basename(path), schema);
  try {
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    throw notWritten(path, cause);
  }
  return path;
}

function notWritten(path: string, cause: unknown): OncectlError {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') {
    const hint = '--force replaces it; or give another name: oncectl profile init FILE';
    return new OncectlError('refused', `${path} exists`, { about: path, hint, cause });
  }
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(code);
  const message = `${path} cannot be written (${code})`;
  return new OncectlError(denied ? 'denied' : 'unreachable', message, { about: path, cause });
}
