/** The three files that say how a run ended: the entities, the queues, and what was left behind. */
import { createWriteStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OncectlError } from '../engine/errors.js';
import type { EntityRecord, Leftovers, PendingMessage } from '../engine/evidence.js';
import { evidenceFiles } from './evidence-files.js';
import { formatEntity, formatPending } from './lines.js';
import { fileError } from './writer.js';

type Records<T> = Iterable<T> | AsyncIterable<T>;

/** `leftovers.json`. `payloads` counts every present payload, the orphans among them. */
export interface FinalLeftovers extends Leftovers {
  /** Payloads of attempts that lost; counted apart, no violation. */
  readonly orphans: number;
  /** Drained as the design defines it: only then are the counts compared. */
  readonly drained: boolean;
}

/** Writes `entities.tsv`: there is a file under that name only once it is whole. */
export function writeEntities(folder: string, records: Records<EntityRecord>): Promise<void> {
  return writeRecords(join(folder, evidenceFiles.entities), records, formatEntity);
}

/** Writes `pending.tsv`: there is a file under that name only once it is whole. */
export function writePending(folder: string, records: Records<PendingMessage>): Promise<void> {
  return writeRecords(join(folder, evidenceFiles.pending), records, formatPending);
}

/** Writes `leftovers.json`. */
export async function writeLeftovers(folder: string, leftovers: FinalLeftovers): Promise<void> {
  const path = join(folder, evidenceFiles.leftovers);
  await writeFile(`${path}.part`, `${JSON.stringify(leftovers)}\n`);
  await rename(`${path}.part`, path);
}

const counts = [
  'entries',
  'dispatchedEntries',
  'overdueEntries',
  'slots',
  'registrations',
  'dedupeRecords',
  'overdueDedupeRecords',
  'payloads',
  'orphans',
] as const;

/** Reads `leftovers.json`; null when there is none. Rejects with `format` when it is something else. */
export async function readLeftovers(folder: string): Promise<FinalLeftovers | null> {
  const path = join(folder, evidenceFiles.leftovers);
  const text = await readFile(path, 'utf8').catch((thrown) => {
    if (thrown.code === 'ENOENT') return null;
    throw fileError(path, thrown);
  });
  return text === null ? null : checked(text);
}

function checked(text: string): FinalLeftovers {
  const about = evidenceFiles.leftovers;
  const refuse = (why: string) =>
    new OncectlError('format', `evidence that cannot be read: ${about}: ${why}`, { about });
  let parsed: Record<string, unknown>;
  try {
    parsed = Object(JSON.parse(text));
  } catch {
    throw refuse('not JSON');
  }
  for (const name of counts) {
    if (!Number.isSafeInteger(parsed[name])) throw refuse(`no whole number "${name}"`);
  }
  if (typeof parsed.drained !== 'boolean') throw refuse('no "drained": true or false');
  return parsed as unknown as FinalLeftovers;
}

async function writeRecords<T>(path: string, records: Records<T>, format: (record: T) => string) {
  const part = `${path}.part`;
  try {
    await pipeline(Readable.from(blocks(records, format)), createWriteStream(part));
    await rename(part, path);
  } catch (thrown) {
    throw fileError(path, thrown);
  }
}

async function* blocks<T>(records: Records<T>, format: (record: T) => string) {
  let text = '';
  for await (const record of records) {
    text += format(record);
    if (text.length >= 1 << 16) {
      yield text;
      text = '';
    }
  }
  yield text;
}
