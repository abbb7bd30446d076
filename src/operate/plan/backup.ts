/**
 * Records that are about to be destroyed, as a file of lines: each is written through, read back and
 * compared before its record is touched. `oncectl restore FILE` puts them back.
 */
import { hash, randomBytes } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OncectlError } from '../../engine/errors.js';
import type { Backup } from './executor.js';

/** One line of a backup. Bytes in `record` are `{"base64": "..."}`. */
export interface BackupLine {
  readonly schema: 'oncectl/backup/v1';
  readonly kind: string;
  readonly endpoint: string;
  readonly id: string;
  readonly record: unknown;
  /** Digest of the record as it stands in the line. */
  readonly sha256: string;
}

export interface OpenBackup extends Backup {
  /** Resolves with the file's path; null when nothing was kept. */
  close(): Promise<string | null>;
}

/** Errors while keeping: `denied`, `disk-full`; then the record is not to be destroyed. */
export function backupTo(folder: string | null, planId: string): OpenBackup {
  if (folder === null) return { keep: async () => null, close: async () => null };
  // Two operators may apply one plan in the same millisecond.
  const name = `${planId}-${Date.now()}-${randomBytes(2).toString('hex')}.ndjson`;
  const path = resolve(join(folder, name));
  let file: ReturnType<typeof open> | null = null;
  let end = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const openFile = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return open(path, 'wx+', 0o600);
  };
  const append = async (line: BackupLine): Promise<string> => {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    file ??= openFile();
    const handle = await file;
    await handle.write(bytes, 0, bytes.length, end);
    await handle.sync();
    const back = Buffer.alloc(bytes.length);
    await handle.read(back, 0, back.length, end);
    if (!back.equals(bytes)) throw new Error('what was read back differs');
    end += bytes.length;
    return path;
  };
  return {
    keep: (kind, endpoint, id, record) => {
      const plain = withoutBytes(record);
      const sha256 = digestOf(plain);
      const line = {
        schema: 'oncectl/backup/v1',
        kind,
        endpoint,
        id,
        record: plain,
        sha256,
      } as const;
      const kept = turn
        .then(() => append(line))
        .catch((cause: unknown) => {
          throw unkept(path, cause);
        });
      turn = kept.catch(() => {});
      return kept;
    },
    close: async () => {
      await turn;
      const handle = await file?.catch(() => null);
      await handle?.close();
      return handle ? path : null;
    },
  };
}

/** The digest that a line's record must have. */
export function digestOf(record: unknown): string {
  return hash('sha256', JSON.stringify(record), 'hex');
}

/** Bytes as base64, everything else as JSON has it. */
function withoutBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutBytes(one)]));
}

/** The inverse of `withoutBytes`. */
export function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null) return value;
  const { base64 } = value as { readonly base64?: unknown };
  if (typeof base64 === 'string' && Object.keys(value).length === 1) {
    return new Uint8Array(Buffer.from(base64, 'base64'));
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withBytes(one)]));
}

function unkept(path: string, cause: unknown): OncectlError {
  const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
  return new OncectlError(isFull ? 'disk-full' : 'denied', 'the backup cannot be written', {
    about: path,
    hint: 'nothing was destroyed; name another folder with --backup DIR',
    cause,
  });
}
