/** Lays the profile's worker faults out in time: which strike is ordered when. */
import { boundariesAt } from '../profile/islands.js';
import type { FaultProfile, Profile } from '../profile/types.js';
import type { Strike } from './processes/messages.js';

export interface PlannedStrike {
  /** Since the load began. */
  readonly atMs: number;
  readonly strike: Strike;
}

const strikingKinds = ['kill', 'stall', 'partition'] as const;

/** In the order of their times. A fault without a step takes every boundary of its protocols in turn. */
export function planStrikes(profile: Profile): readonly PlannedStrike[] {
  const loadMs = profile.load.stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const planned: PlannedStrike[] = [];
  for (const fault of profile.faults) {
    const kind = strikingKinds.find((one) => one === fault.kind);
    if (!kind) continue;
    const steps = stepsOf(profile, fault);
    times(fault, loadMs).forEach((atMs, turn) => {
      const { endpoint, forMs, store } = fault;
      const step = steps[turn % steps.length] ?? null;
      planned.push({ atMs, strike: { id: 0, kind, step, endpoint, forMs, store } });
    });
  }
  planned.sort((one, other) => one.atMs - other.atMs);
  return planned.map(({ atMs, strike }, index) => ({ atMs, strike: { ...strike, id: index + 1 } }));
}

function stepsOf(profile: Profile, fault: FaultProfile): readonly string[] {
  if (fault.step !== null) return [fault.step];
  const hit = profile.deployment.endpoints.filter(
    ({ name }) => fault.endpoint === null || fault.endpoint === name,
  );
  return [...new Set(hit.flatMap(boundariesAt))];
}

function times({ atMs, everyMs, untilMs }: FaultProfile, loadMs: number): number[] {
  if (everyMs <= 0) return [atMs];
  const found: number[] = [];
  for (let at = atMs; at < Math.min(untilMs ?? loadMs, loadMs); at += everyMs) found.push(at);
  return found;
}
