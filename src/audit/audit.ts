/**
 * The audit of a run: the invariants I1 to I6 (design, section 4) over the evidence in a folder. What
 * was counted is never compared with what was counted: every message is looked at, by its id.
 *
 *  1. collect: each line is read once; facts about messages, links and re-execution go to buckets;
 *  2. a bucket of messages at a time: I1, I2 (applied once), I3, I4;
 *  3. a bucket of links at a time: I2 (chains), I5 (states);
 *  4. a bucket of entities at a time: I5 (re-execution);
 *  5. the leftovers: I6;
 *  6. the evidence again, for the histories of the messages that are named.
 */
import { OncectlError } from '../engine/errors.js';
import { collect } from './collect.js';
import type { AuditVerdict } from './evidence-files.js';
import { readLeftovers } from './final-files.js';
import { Findings } from './findings.js';
import { withHistories } from './history.js';
import { chainFaults } from './i2-applied-once.js';
import { stateFaults } from './i5-equivalence.js';
import { leftBehind } from './i6-bounded.js';
import { judgeMessages, type MessageCounts } from './judge-messages.js';
import { type FactsByLink, foldLink } from './link-facts.js';
import { lineBatches } from './read-lines.js';
import { type Replay, replayBucket } from './replay.js';
import { inWorkspace } from './workspace.js';

export type { Replay } from './replay.js';

export interface AuditOptions {
  /** Names of the sinks: a message for one of them is done when it arrived there. */
  readonly sinks: readonly string[];
  /** Handlers give the same state again for the same message: then `replay` executes them again. */
  readonly deterministic: boolean;
  readonly replay?: Replay;
  /** The run was cut short: I1 is undecided, and files written at its end may be missing. */
  readonly aborted?: boolean;
  /** Memory to stay within, about, beside the process's own 100 MiB. Default 256 MiB. */
  readonly memoryBytes?: number;
  readonly onProgress?: (progress: AuditProgress) => void;
}

export interface AuditProgress {
  readonly phase: 'reading' | 'messages' | 'chains' | 'executing again' | 'histories';
  /** Share of the phase, 0..1. */
  readonly share: number;
}

/**
 * Audits the evidence in `folder`. Needs about one and a half times its size on the same disk while it
 * runs, and removes that in any case. Rejects with `format` (a line that cannot be read, by file and
 * line), `not-found` (a file that a whole run has), `disk-full` or `denied`.
 */
export async function audit(folder: string, options: AuditOptions): Promise<AuditVerdict> {
  if (options.deterministic && options.replay === undefined) {
    throw new OncectlError('bug', 'a deterministic run is audited with a replay of its handlers');
  }
  return inWorkspace(folder, (workspace) => new Auditing(folder, workspace, options).run());
}

/** A bucket's lines become objects of several times their size. */
const bucketsInMemory = 32;

class Auditing {
  readonly #findings = new Findings();
  readonly #memory: number;
  readonly #bucketBytes: number;

  constructor(
    readonly folder: string,
    readonly workspace: string,
    readonly options: AuditOptions,
  ) {
    this.#memory = options.memoryBytes ?? 256 << 20;
    this.#bucketBytes = Math.ceil(this.#memory / bucketsInMemory);
  }

  async run(): Promise<AuditVerdict> {
    const { folder, workspace, options } = this;
    const collected = await collect({
      folder,
      workspace,
      bucketBytes: this.#bucketBytes,
      bufferBytes: this.#memory / 8,
      replayed: options.deterministic,
      aborted: options.aborted ?? false,
      onShare: this.#tell('reading'),
    });
    const counts = await judgeMessages(collected.messages, {
      folder,
      workspace,
      sinks: new Set(options.sinks),
      lossDecided: options.aborted !== true,
      findings: this.#findings,
      onShare: this.#tell('messages'),
    });
    await this.#judgeLinks(collected.links, collected.storeKnown);
    await this.#executeAgain(collected.commits);
    const orphans = await this.#judgeLeftovers(counts);
    return this.#verdict(counts, orphans);
  }

  async #judgeLinks(buckets: readonly string[], storeKnown: boolean): Promise<void> {
    const tell = this.#tell('chains');
    for (const [index, bucket] of buckets.entries()) {
      const facts: FactsByLink = new Map();
      for await (const { lines } of lineBatches(bucket)) {
        for (const line of lines) foldLink(facts, line);
      }
      for (const link of facts.values()) {
        for (const found of [...chainFaults(link), ...stateFaults(link, storeKnown)]) {
          this.#findings.add(found.invariant, found.endpoint, found.messageId, found.what);
        }
      }
      tell((index + 1) / buckets.length);
    }
  }

  async #executeAgain(buckets: readonly string[]): Promise<void> {
    const { replay } = this.options;
    const tell = this.#tell('executing again');
    if (replay === undefined) return;
    for (const [index, bucket] of buckets.entries()) {
      await replayBucket(bucket, this.#bucketBytes, replay, this.#findings);
      tell((index + 1) / buckets.length);
    }
  }

  /** The orphans. I6 is judged on the way, unless the run was cut short. */
  async #judgeLeftovers(counts: MessageCounts): Promise<number> {
    const leftovers = await readLeftovers(this.folder);
    const aborted = this.options.aborted === true;
    if (leftovers === null && !aborted) {
      const about = 'leftovers.json';
      throw new OncectlError('not-found', `evidence is missing: ${about}`, { about });
    }
    if (leftovers === null) return 0;
    for (const { amount, what } of aborted ? [] : leftBehind(leftovers, counts)) {
      this.#findings.add('I6', '', '', what, amount);
    }
    return leftovers.orphans;
  }

  async #verdict(counts: MessageCounts, orphans: number): Promise<AuditVerdict> {
    const findings = this.#findings;
    const tell = this.#tell('histories');
    const firstViolations = await withHistories(this.folder, findings.first());
    tell(1);
    return {
      clean: firstViolations.length === 0,
      lossDecided: this.options.aborted !== true,
      accepted: counts.accepted,
      unknown: counts.unknown,
      handled: counts.handled,
      lost: findings.count('I1'),
      pending: counts.pending,
      doubled: findings.count('I2'),
      leaked: findings.count('I3'),
      contradicting: findings.count('I4') + findings.count('I5'),
      unbounded: findings.count('I6'),
      redelivered: counts.redelivered,
      deadLettered: counts.deadLettered,
      orphans,
      firstViolations,
    };
  }

  #tell(phase: AuditProgress['phase']): (share: number) => void {
    return (share) => this.options.onProgress?.({ phase, share });
  }
}
