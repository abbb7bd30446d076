/** How a run ended, in the order in which one outcome hides another (design, section 8). */
import type { BenchResult, RunStatus } from './result.js';

/** Names of `src/report/exit-codes.ts`. */
export type BenchOutcome = 'violated' | 'aborted' | 'invalid' | 'threshold' | 'partial' | 'done';

export interface OutcomeFacts {
  readonly correctness: BenchResult['correctness'];
  readonly aborted: boolean;
  readonly invalid: boolean;
  readonly thresholdsHold: boolean;
  /** Something that should have been handled is still waiting. */
  readonly undrained: boolean;
}

export function outcomeOf(facts: OutcomeFacts): BenchOutcome {
  if (facts.correctness && !facts.correctness.clean) return 'violated';
  if (facts.aborted) return 'aborted';
  if (facts.invalid) return 'invalid';
  if (!facts.thresholdsHold) return 'threshold';
  return facts.undrained ? 'partial' : 'done';
}

export function statusOf(outcome: BenchOutcome): RunStatus {
  if (outcome === 'done') return 'passed';
  if (outcome === 'aborted' || outcome === 'invalid') return outcome;
  return 'failed';
}
