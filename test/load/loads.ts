import type { LoadProfile, Stage } from '../../src/profile/types.js';

export function stage(part: Partial<Stage> = {}): Stage {
  return {
    name: 'steady',
    measured: true,
    durationMs: 1000,
    shape: 'constant',
    fromPerSecond: 100,
    toPerSecond: 100,
    count: 1,
    ...part,
  };
}

export function load(part: Partial<LoadProfile> = {}): LoadProfile {
  return {
    ratePerSecond: 100,
    arrival: 'uniform',
    payloadBytes: 200,
    keys: { count: 100, distribution: 'uniform', skew: 1 },
    enter: ['first'],
    stages: [stage()],
    ...part,
  };
}
