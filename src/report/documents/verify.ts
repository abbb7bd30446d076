/** Verdicts of the verifier in documents. */
import type { ProtocolName } from '../../engine/protocols/names.js';
import type { ReplayedStep } from '../../replay/index.js';
import type { Bounds, Move, Verified, Violation } from '../../verify/index.js';

export interface VerifyRow {
  readonly protocol: ProtocolName;
  readonly mutant: string | null;
  readonly producer: ProtocolName | null;
  readonly entities: string;
  readonly stores: string;
  readonly bounds: Bounds & { readonly messages: number };
  readonly verdict: Verified['verdict'];
  readonly invariant: string | null;
  readonly steps: number | null;
  readonly text: string | null;
  readonly trace: readonly Move[] | null;
  /** The command that comes to the same again. */
  readonly again: string;
  readonly states: number;
  readonly depth: number;
  readonly ms: number;
  /** Most orphaned payloads that any world leaves behind, for a sweeper. */
  readonly orphans: number;
  /** Random walks taken; null: every schedule was explored. */
  readonly walks: number | null;
}

interface ReplayData {
  readonly protocol: ProtocolName;
  readonly mutant: string | null;
  /** `simulated stores`, or the profile on whose stores it was. */
  readonly on: string;
  /** What is violated; null: nothing. */
  readonly invariant: Violation['invariant'] | null;
  readonly text: string | null;
  /** What the schedule is kept for; null: that it ends well. */
  readonly expected: Violation['invariant'] | null;
}

export interface SimulatedReplay extends ReplayData {
  /** So many of the steps could be taken. */
  readonly taken: number;
  readonly steps: readonly Move[];
}

export interface RealReplay extends ReplayData {
  /** First step, from 0, at which real stores answered otherwise; null: none. */
  readonly divergedAt: number | null;
  /** Processes that were killed. */
  readonly kills: number;
  readonly steps: readonly ReplayedStep[];
}
