/** The first pass: every line of evidence is read once and its facts are dealt out to buckets. */
import { stat } from 'node:fs/promises';
import { OncectlError } from '../engine/errors.js';
import { Buckets } from './buckets.js';
import { chainGroup, commitChainFact, entityChainFact } from './chain-facts.js';
import { evidenceFiles } from './evidence-files.js';
import {
  parseArrival,
  parseCommit,
  parseEntered,
  parseEntity,
  parseInjected,
  parsePending,
} from './lines.js';
import {
  arrivalFacts,
  commitFacts,
  enteredFacts,
  injectedFacts,
  pendingFacts,
} from './message-facts.js';
import { filesOf, forEachRecord } from './read-lines.js';

export interface Collected {
  /** Files of facts about messages, for `message-facts.ts`. */
  readonly messages: readonly string[];
  /** Files of facts about the chains of entities, for `chain-facts.ts`. */
  readonly chains: readonly string[];
  /** Into how many buckets facts are dealt, so that each fits in memory. */
  readonly bucketCount: number;
  /** Whether the evidence says how the entities ended. */
  readonly storeKnown: boolean;
}

export interface Collecting {
  readonly folder: string;
  readonly workspace: string;
  /** Most bytes that a bucket should hold. */
  readonly bucketBytes: number;
  /** Memory for the buffers of all buckets together. */
  readonly bufferBytes: number;
  /** A run cut short may lack the files that are written at its end. */
  readonly aborted: boolean;
  /** Share of the evidence that was read, 0..1. */
  readonly onShare: (share: number) => void;
}

const bucketSets = 2;
const mostBuckets = 1024;
const leastBuffer = 4096;

/** Reads all evidence. Rejects with `format` for a malformed line, `not-found` for a missing file. */
export async function collect(options: Collecting): Promise<Collected> {
  const files = await evidenceOf(options.folder);
  if (!options.aborted) mustExist(files);
  const total = files.bytes;
  const count = Math.min(mostBuckets, Math.ceil(total / options.bucketBytes) + 1);
  const buffer = Math.max(leastBuffer, Math.floor(options.bufferBytes / count / bucketSets));
  const set = (name: string) =>
    new Buckets(options.workspace, name, count, Math.min(1 << 16, buffer));
  const sets = { messages: set('messages'), chains: set('chains') };
  let read = 0;
  const onBytes = (bytes: number) => {
    read += bytes;
    options.onShare(read / total);
  };
  await deal(files, sets, onBytes);
  return {
    messages: sets.messages.finish(),
    chains: sets.chains.finish(),
    bucketCount: count,
    storeKnown: files.entities.length > 0,
  };
}

interface Evidence {
  readonly entered: readonly string[];
  readonly commits: readonly string[];
  readonly arrivals: readonly string[];
  readonly injected: readonly string[];
  readonly entities: readonly string[];
  readonly pending: readonly string[];
  readonly bytes: number;
}

async function evidenceOf(folder: string): Promise<Evidence> {
  const entered = await filesOf(folder, evidenceFiles.entered);
  const commits = await filesOf(folder, evidenceFiles.commits);
  const arrivals = await filesOf(folder, evidenceFiles.arrivals);
  const injected = await filesOf(folder, evidenceFiles.injected);
  const entities = await filesOf(folder, evidenceFiles.entities);
  const pending = await filesOf(folder, evidenceFiles.pending);
  const all = [entered, commits, arrivals, injected, entities, pending].flat();
  let bytes = 0;
  for (const path of all) bytes += (await stat(path)).size;
  return { entered, commits, arrivals, injected, entities, pending, bytes };
}

function mustExist(files: Evidence): void {
  for (const kind of ['entities', 'pending'] as const) {
    if (files[kind].length > 0) continue;
    const about = evidenceFiles[kind];
    throw new OncectlError('not-found', `evidence is missing: ${about}`, {
      about,
      hint: 'only a run that was cut short may lack it',
    });
  }
}

interface Sets {
  readonly messages: Buckets;
  readonly chains: Buckets;
}

/** Sources (entered, commits) before arrivals: `fold` of message-facts.ts relies on it. */
async function deal(files: Evidence, sets: Sets, onBytes: (bytes: number) => void) {
  const toMessage = (id: string, fact: string) => sets.messages.add(id, fact);
  const each = async <T>(
    paths: readonly string[],
    parse: (line: string) => T,
    visit: (record: T) => void,
  ) => {
    for (const path of paths) await forEachRecord(path, parse, visit, onBytes);
  };
  await each(files.entered, parseEntered, (record) => enteredFacts(record, toMessage));
  await each(files.commits, parseCommit, (record) => {
    commitFacts(record, toMessage);
    sets.chains.add(chainGroup(record), commitChainFact(record));
  });
  await each(files.arrivals, parseArrival, (record) => arrivalFacts(record, toMessage));
  await each(files.injected, parseInjected, (record) => injectedFacts(record, toMessage));
  await each(files.pending, parsePending, (record) => pendingFacts(record, toMessage));
  await each(files.entities, parseEntity, (record) => {
    sets.chains.add(chainGroup(record), entityChainFact(record));
  });
}
