/**
 * The audit of a run: the invariants I1 to I6 (design, section 4) over the evidence in a folder. What
 * was counted is never compared with what was counted: every message is looked at, by its id.
 *
 *  1. collect: each line is read once; facts about messages and about entities go to buckets;
 *  2. a bucket of messages at a time: I1, I2 (applied once), I3, I4;
 *  3. a bucket of entities at a time: I2 (chains), I5 (states, re-execution);
 *  4. the leftovers: I6;
 *  5. the evidence again, for the histories of the messages that are named.
 */
import { OncectlError } from '../engine/errors.js';
import { collect } from './collect.js';
import type { AuditVerdict } from './evidence-files.js';
import type { Replay } from './execution.js';
import { readLeftovers } from './final-files.js';
import { Findings } from './findings.js';
import { withHistories } from './history.js';
import { leftBehind } from './i6-bounded.js';
import { judgeChains } from './judge-chains.js';
import { judgeMessages, type MessageCounts } from './judge-messages.js';
import { inWorkspace } from './workspace.js';

export type { Replay } from './execution.js';

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
  readonly phase: 'reading' | 'messages' | 'chains' | 'histories';
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
    await judgeChains(collected.chains, {
      workspace,
      storeKnown: collected.storeKnown,
      runBytes: this.#bucketBytes,
      linkBuckets: collected.bucketCount,
      replay: options.deterministic ? (options.replay ?? null) : null,
      findings: this.#findings,
      onShare: this.#tell('chains'),
    });
    const orphans = await this.#judgeLeftovers(counts);
    return this.#verdict(counts, orphans);
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
      discarded: counts.discarded,
      orphans,
      firstViolations,
    };
  }

  #tell(phase: AuditProgress['phase']): (share: number) => void {
    return (share) => this.options.onProgress?.({ phase, share });
  }
}
