/**
 * Appends evidence with write(2), before the caller goes on: what was written survives SIGKILL of the
 * process (not loss of power). Synchronous on purpose; several records per call share one write.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import type { CommitRecord } from '../engine/ports.js';
import { evidenceFiles } from './evidence-files.js';
import {
  type ArrivalRecord,
  type EnteredRecord,
  formatArrival,
  formatCommit,
  formatEntered,
  formatInjected,
  type InjectedRecord,
} from './lines.js';

/** The kinds that grow while a run goes on; the other files are written once, at its end. */
export type GrowingEvidence = 'entered' | 'commits' | 'arrivals' | 'injected';

/**
 * One evidence file, `KIND-NAME.tsv` in `folder`. A file has one writer at a time: `name` is the
 * worker's. A line that an earlier process left without its newline is removed when the file is opened.
 * Every method throws an `OncectlError` (`disk-full`, `read-only`, `denied`) when the line may be lost.
 */
export class EvidenceWriter {
  readonly path: string;
  readonly #file: number;

  constructor(folder: string, kind: GrowingEvidence, name: string) {
    this.path = join(folder, `${evidenceFiles[kind]}${name}.tsv`);
    this.#file = guarded(this.path, () => openWithoutCutLine(this.path));
  }

  entered(records: readonly EnteredRecord[]): void {
    this.#append(joined(records, formatEntered));
  }

  commit(record: CommitRecord): void {
    this.#append(formatCommit(record));
  }

  commits(records: readonly CommitRecord[]): void {
    this.#append(joined(records, formatCommit));
  }

  arrivals(records: readonly ArrivalRecord[]): void {
    this.#append(joined(records, formatArrival));
  }

  injected(records: readonly InjectedRecord[]): void {
    this.#append(joined(records, formatInjected));
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(text: string): void {
    if (text === '') return;
    guarded(this.path, () => writeWhole(this.#file, text));
  }
}

function joined<T>(records: readonly T[], format: (record: T) => string): string {
  let text = '';
  for (const record of records) text += format(record);
  return text;
}

/** A short write is rare (a nearly full disk): only then is the text turned into bytes. */
function writeWhole(file: number, text: string): void {
  const written = writeSync(file, text);
  if (written === Buffer.byteLength(text)) return;
  let rest = Buffer.from(text).subarray(written);
  while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
}

function openWithoutCutLine(path: string): number {
  const file = openSync(path, 'a+');
  const size = fstatSync(file).size;
  const whole = endOfLastLine(file, size);
  if (whole < size) ftruncateSync(file, whole);
  return file;
}

/** Offset just behind the last newline, looking backwards a block at a time. */
function endOfLastLine(file: number, size: number): number {
  const block = Buffer.alloc(4096);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const read = readSync(file, block, 0, end - start, start);
    const at = block.subarray(0, read).lastIndexOf(10);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

const kinds = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EACCES: 'denied',
  EPERM: 'denied',
  ENOENT: 'not-found',
} as const;

/** Runs a step on an evidence file; what the file system answers gets a name. */
export function guarded<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (thrown) {
    throw fileError(path, thrown);
  }
}

/** The `OncectlError` for what the file system threw about `path`; others pass unchanged. */
export function fileError(path: string, thrown: unknown): unknown {
  if (thrown instanceof OncectlError || !(thrown instanceof Error) || !('code' in thrown)) {
    return thrown;
  }
  const kind = Object.entries(kinds).find(([code]) => code === thrown.code)?.[1] ?? 'bug';
  return new OncectlError(kind, `evidence could not be written or read: ${thrown.message}`, {
    about: path,
    happened: 'unknown',
    cause: thrown,
  });
}
