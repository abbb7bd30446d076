import { describe, expect, it } from 'vitest';
import type { BenchSnapshot } from '../../src/bench/events.js';
import { judgeSoFar } from '../../src/tui/bench/thresholds.js';
import { snapshot } from './recording.mjs';

const measuring = snapshot(40) as unknown as BenchSnapshot;
const warmingUp = snapshot(5) as unknown as BenchSnapshot;

describe('a threshold while the run goes on', () => {
  it.each([
    ['stages.steady.latency.hop.p99 < 20ms', true],
    ['stages.steady.latency.hop.p99 < 2000us', false],
    ['stages.steady.latency.hop.p99<0.02s', true],
    ['stages.steady.handledPerSecond >= 740', true],
    ['stages.steady.handledPerSecond > 1,000/s', false],
  ])('%s is judged %s on the snapshot', (text, holds) => {
    expect(judgeSoFar(text, measuring)).toEqual({ text, holds });
  });

  it.each([
    'correctness.lost == 0',
    'stages.other.latency.hop.p99 < 20ms',
    'stages.steady.latency.nothing.p99 < 20ms',
    'stages.steady.latency.hop.p42 < 20ms',
    'stages.steady.toString > 1',
    'nonsense',
  ])('%s stays open', (text) => {
    expect(judgeSoFar(text, measuring)).toEqual({ text, holds: null });
  });

  it('is not judged before its stage, nor before anything is known', () => {
    const text = 'stages.steady.latency.hop.p99 < 20ms';
    expect(judgeSoFar(text, warmingUp).holds).toBeNull();
    expect(judgeSoFar(text, null).holds).toBeNull();
  });
});
