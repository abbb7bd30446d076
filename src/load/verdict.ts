/** Whether the generator kept to its schedule. When it did not, the run says nothing (exit 103). */
import type { PlannedStage } from './rates.js';

/** Bounds of a valid measured stage. */
const validity = { lagP99Us: 10_000, rateError: 0.01 } as const;

export interface StagePace {
  readonly name: string;
  readonly offeredPerSecond: number;
  readonly sentPerSecond: number;
  /** p99 of sent - intended, microseconds. */
  readonly lagP99Us: number;
}

/** How one stage went, by the generator's own count. */
export interface StageOutcome extends StagePace {
  readonly measured: boolean;
  /** Messages due until the stage ended or the load was stopped, and how many of them were sent. */
  readonly offered: number;
  readonly sent: number;
  readonly durationSeconds: number;
  /** Why the stage is no measurement; null when it is one, or was never meant to be. */
  readonly invalid: string | null;
}

/** Why a measured stage is no measurement, in one sentence; null when it is. */
export function judgePace(pace: StagePace): string | null {
  const { name, offeredPerSecond: offered, sentPerSecond: sent, lagP99Us } = pace;
  if (lagP99Us > validity.lagP99Us) {
    const lag = (lagP99Us / 1000).toFixed(1);
    return `the generator was behind in stage ${name}: send lag p99 ${lag} ms, over 10 ms`;
  }
  if (Math.abs(sent - offered) > offered * validity.rateError) {
    const rates = `${sent.toFixed(1)}/s sent of ${offered.toFixed(1)}/s`;
    return `the generator missed its rate in stage ${name}: ${rates}, off by more than 1 %`;
  }
  return null;
}

/** What the generator counts for a stage while it runs. */
export interface StageTally {
  sent: number;
  /** When its last message was sent, microseconds from the start of the load. */
  lastSentUs: number;
}

/**
 * Sums a stage up. `due`: messages of the whole schedule due by `endUs`, when the load ended or was
 * stopped. The rate sent is over the stage's time, or the time that sending took when that was longer.
 */
export function stageOutcome(
  stage: PlannedStage,
  tally: StageTally,
  lagP99Us: number,
  end: { readonly due: number; readonly endUs: number },
): StageOutcome {
  const { name, measured, startUs, firstIndex, count } = stage;
  const offered = Math.max(0, Math.min(count, end.due - firstIndex));
  const elapsedUs = Math.max(0, Math.min(stage.endUs, end.endUs) - startUs);
  const sendingUs = Math.max(elapsedUs, tally.lastSentUs - startUs);
  const pace = {
    name,
    lagP99Us,
    offeredPerSecond: perSecond(offered, elapsedUs),
    sentPerSecond: perSecond(tally.sent, sendingUs),
  };
  const invalid = measured ? judgePace(pace) : null;
  return {
    ...pace,
    measured,
    offered,
    sent: tally.sent,
    durationSeconds: elapsedUs / 1e6,
    invalid,
  };
}

function perSecond(count: number, us: number): number {
  return us > 0 ? (count * 1e6) / us : 0;
}
