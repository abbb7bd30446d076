/** The generator's part of the evidence: every id that it sent or was about to send (design, 4). */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceFiles } from '../audit/evidence-files.js';
import { formatEntered } from '../audit/lines.js';
import { OncectlError } from '../engine/errors.js';
import type { Message } from '../engine/message.js';
import type { SendOutcome } from './target.js';

/**
 * The generator logs an id as `unknown`, flushes, and only then sends; the outcome follows in a later
 * line for the same id, which overrides. So whatever arrives is in the log, however the generator
 * ends.
 */
export interface EnteredLog {
  /** May keep the line for the next `flush`. */
  entered(message: Message, bodyHash: string, outcome: SendOutcome): void;
  /** Every line is with the operating system when this returns: a crash of the process loses none. */
  flush(): void;
  /** Flushes and closes. */
  close(): void;
}

/** Appends to `entered-NAME.tsv` in the evidence folder; one write(2) for each flush. */
export function openEnteredLog(folder: string, name: string): EnteredLog {
  const path = join(folder, `${evidenceFiles.entered}${name}.tsv`);
  const file = orSayWhere(folder, () => openSync(path, 'a'));
  let lines = '';
  const flush = () => {
    if (lines === '') return;
    const bytes = Buffer.from(lines, 'utf8');
    lines = '';
    orSayWhere(folder, () => append(file, bytes));
  };
  return {
    entered({ id: messageId, endpoint, key }, hash, outcome) {
      lines += formatEntered({ messageId, endpoint, key, hash, outcome });
    },
    flush,
    close() {
      flush();
      closeSync(file);
    },
  };
}

function append(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

function orSayWhere<Result>(folder: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new OncectlError(full ? 'disk-full' : 'denied', 'cannot write the evidence of the run', {
      about: folder,
      hint: full ? 'make room on the disk' : 'check that the folder can be written to',
      cause,
    });
  }
}
