/**
 * The commits of entities as lines whose order as text is the order of their chains: endpoint, key and
 * version first. The store's last word about an entity sorts behind its commits.
 */
import type { EntityRecord } from '../engine/evidence.js';
import type { CommitRecord } from '../engine/ports.js';
import { encodeKey } from './lines.js';

/** A commit as the chain of its entity sees it. Absent previous transaction and states are "". */
export interface ChainCommit {
  readonly version: number;
  readonly transaction: string;
  readonly previous: string;
  readonly messageId: string;
  readonly before: string;
  readonly after: string;
}

/** What the store holds at the end. An absent transaction or state is "". */
export interface ChainEnd {
  readonly version: number;
  readonly transaction: string;
  readonly hash: string;
}

export interface ChainFact {
  readonly endpoint: string;
  /** As in the evidence, percent-encoded. */
  readonly key: string;
  readonly commit: ChainCommit | null;
  readonly end: ChainEnd | null;
}

const versionDigits = 16;
/** Greater than every digit. */
const endMark = '~';

/** What decides the bucket of an entity's facts. */
export function chainGroup({ endpoint, key }: { endpoint: string; key: string }): string {
  return `${endpoint}\t${key}`;
}

export function commitChainFact(record: CommitRecord): string {
  const { endpoint, messageId, transaction, previous, before, after } = record;
  const version = String(record.version).padStart(versionDigits, '0');
  const entity = `${endpoint}\t${encodeKey(record.key)}\t${version}`;
  return `${entity}\t${transaction}\t${previous ?? ''}\t${messageId}\t${before}\t${after}\n`;
}

export function entityChainFact(record: EntityRecord): string {
  const { endpoint, key, transaction, version, hash } = record;
  return `${endpoint}\t${encodeKey(key)}\t${endMark}\t${transaction ?? ''}\t${version}\t${hash}\n`;
}

export function parseChainFact(line: string): ChainFact {
  const [endpoint = '', key = '', mark = '', transaction = '', ...rest] = line.split('\t');
  if (mark === endMark) {
    const [version = '', hash = ''] = rest;
    return { endpoint, key, commit: null, end: { version: Number(version), transaction, hash } };
  }
  const [previous = '', messageId = '', before = '', after = ''] = rest;
  const commit = { version: Number(mark), transaction, previous, messageId, before, after };
  return { endpoint, key, commit, end: null };
}
