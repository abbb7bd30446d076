/**
 * The commit journal of a run: the commit records in its folder of evidence, which its auditor took out
 * of the stores, and the arrivals. A deployment without an audit keeps none.
 */
import { evidenceFiles } from '../audit/evidence-files.js';
import { parseArrival, parseCommit } from '../audit/lines.js';
import { filesOf, forEachRecord, ownCopy } from '../audit/read-lines.js';
import { idTime } from '../engine/ids.js';
import type { CommitRecord } from '../engine/ports.js';

export interface JournalCommit {
  readonly endpoint: string;
  readonly messageId: string;
  readonly key: string;
  readonly transaction: string;
  readonly version: number;
  /** When its attempt began to commit, by the clock of its worker: the time in the transaction's id. */
  readonly at: number;
  readonly outgoing: readonly { readonly id: string; readonly endpoint: string }[];
}

export class Journal {
  readonly #folder: string;

  /** `folder` of the evidence; a missing one is an empty journal. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Commits of these messages, by message id. */
  async commitsOf(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, JournalCommit>> {
    const found = new Map<string, JournalCommit>();
    await this.#each((record) => {
      if (ids.has(record.messageId)) found.set(record.messageId, commitOf(record));
    });
    return found;
  }

  /**
   * The message with everything that its handling caused, and what caused it, up to `most` commits.
   * Reads the files as often as the chain's records lie in a wrong order, mostly once or twice.
   */
  async chainOf(messageId: string, most: number): Promise<ReadonlyMap<string, JournalCommit>> {
    const found = new Map<string, JournalCommit>();
    const wanted = new Set([messageId]);
    for (let before = -1; before !== found.size && found.size < most; ) {
      before = found.size;
      await this.#each((record) => {
        if (found.has(record.messageId) || found.size >= most) return;
        const isParent = record.outgoing.some(
          ({ id }) => wanted.has(id) && isUpwards(id, messageId, found),
        );
        if (!wanted.has(record.messageId) && !isParent) return;
        const commit = commitOf(record);
        found.set(record.messageId, commit);
        if (isParent) wanted.add(record.messageId);
        else for (const { id } of commit.outgoing) wanted.add(id);
      });
    }
    return found;
  }

  /** Payloads that the copies of these messages named when they arrived, by message id. */
  async payloadsNamed(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const found = new Map<string, Set<string>>();
    const paths = await filesOf(this.#folder, evidenceFiles.arrivals).catch(() => []);
    for (const path of paths) {
      await forEachRecord(path, parseArrival, ({ messageId, payload }) => {
        if (payload === undefined || !ids.has(messageId)) return;
        const known = found.get(messageId);
        // A copy: the line is part of a large text that would stay in memory.
        if (known) known.add(ownCopy(payload));
        else found.set(ownCopy(messageId), new Set([ownCopy(payload)]));
      });
    }
    return found;
  }

  async #each(visit: (record: CommitRecord) => void): Promise<void> {
    const paths = await filesOf(this.#folder, evidenceFiles.commits).catch(() => []);
    for (const path of paths) await forEachRecord(path, parseCommit, visit);
  }
}

/** Only the way up from the message itself: the siblings of its causes are another chain. */
function isUpwards(
  id: string,
  messageId: string,
  found: ReadonlyMap<string, JournalCommit>,
): boolean {
  if (id === messageId) return true;
  const commit = found.get(id);
  return commit?.outgoing.some((one) => isUpwards(one.id, messageId, found)) ?? false;
}

function commitOf(record: CommitRecord): JournalCommit {
  const { endpoint, messageId, key, transaction, version, outgoing } = record;
  const sent = outgoing.map(({ id, endpoint: to }) => ({ id, endpoint: to }));
  return {
    endpoint,
    messageId,
    key,
    transaction,
    version,
    at: idTime(transaction),
    outgoing: sent,
  };
}
