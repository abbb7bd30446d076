/**
 * The evidence folder of a run, and the exact line formats in it. All files are UTF-8, a record a
 * line, fields separated by tabs, keys percent-encoded with `encodeURIComponent`, "-" for absent.
 * A last line without its newline was cut by a crash and does not count.
 *
 *  entered-NAME.tsv   id, endpoint, key, body hash, accepted|unknown     by the load generator
 *  commits-NAME.tsv   endpoint, id, key, transaction, previous|-, version, before, after, outgoing
 *                     (outgoing: `id:endpoint:hash` joined with commas, "-" for none)
 *  arrivals-NAME.tsv  endpoint, id, producing transaction|-, body hash[, payload id]
 *                     ("?" for a body that was not there to be read: a copy already consumed; the
 *                     payload that the message names, where it names one) by every receiver and sink
 *  injected-NAME.tsv  endpoint, id, duplicate|discarded|restored         faults, operator actions
 *  entities.tsv       endpoint, key, version, transaction|-, state hash  the stores at the end
 *  pending.tsv        endpoint, id, queued|dead                          the queues at the end
 *  leftovers.json     `Leftovers` of the engine, plus {"orphans": n, "drained": bool}
 */
export const evidenceFiles = {
  entered: 'entered-',
  commits: 'commits-',
  arrivals: 'arrivals-',
  injected: 'injected-',
  entities: 'entities.tsv',
  pending: 'pending.tsv',
  leftovers: 'leftovers.json',
} as const;

/** What one audit found; the counts of `correctness` in `result.json`. */
export interface AuditVerdict {
  /** False when anything is lost, doubled, leaked, contradicting or unbounded. */
  readonly clean: boolean;
  /** False when the run was cut short: I1 is then undecided. */
  readonly lossDecided: boolean;
  readonly accepted: number;
  readonly unknown: number;
  /** Commits, over all endpoints. */
  readonly handled: number;
  /** I1: entered or committed as outgoing, but neither committed at its destination, nor in the sink, nor pending. */
  readonly lost: number;
  /** Queued or dead without a commit: listed, never passed. */
  readonly pending: number;
  /** I2: more than one commit of (endpoint, id), a fork or a gap in an entity's chain. */
  readonly doubled: number;
  /** I3: arrived, but in no durable commit's outgoing nor in the generator's log. */
  readonly leaked: number;
  /** I4 and I5: arrived, replayed or stored otherwise than committed. */
  readonly contradicting: number;
  /** I6: left behind after the drain. */
  readonly unbounded: number;
  /** Arrivals beyond the first of each (endpoint, id). */
  readonly redelivered: number;
  readonly deadLettered: number;
  /** Removed for good by an operator, before anything was committed for them. */
  readonly discarded: number;
  readonly orphans: number;
  /** The first violating messages (at most 20), each with its history. */
  readonly firstViolations: readonly Violation[];
}

export interface Violation {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6';
  readonly endpoint: string;
  readonly messageId: string;
  /** One sentence that says what is wrong. */
  readonly what: string;
  /** The lines of evidence about this message, readable, oldest kind first. */
  readonly history: readonly string[];
}
