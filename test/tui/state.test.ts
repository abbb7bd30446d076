import { describe, expect, it } from 'vitest';
import type { BenchEvent, BenchSnapshot } from '../../src/bench/events.js';
import { emptyBenchState, reduceBench } from '../../src/tui/bench/state.js';
import { phase, recording, snapshot, start } from './recording.mjs';

const from = (events: readonly { at: number; event: unknown }[]) =>
  events.reduce(
    (state, { at, event }) => reduceBench(state, event as BenchEvent, at * 1000),
    emptyBenchState,
  );

const snap = (second: number) => snapshot(second) as unknown as BenchSnapshot;

describe('the state of the bench screen', () => {
  it('keeps histories bounded however long the bench runs', () => {
    const kill = (at: number) => ({
      at,
      event: { type: 'fault', fault: { kind: 'kill', atMs: at * 1000, endpoint: null } },
    });
    const long = Array.from({ length: 2000 }, (_, second) => [
      { at: second, event: snap(second) },
      { at: second, event: { type: 'warning', message: `warning ${second}` } },
      kill(second),
    ]).flat();
    const state = from(long);
    expect(state.history.length).toBeLessThanOrEqual(240);
    expect(state.history.at(-1)?.atMs).toBe(1_999_000);
    expect(state.strikes.length).toBeLessThanOrEqual(64);
    expect(state.warnings.at(-1)).toBe('warning 1999');
    expect(state.faultCounts).toEqual({ kill: 2000 });
  });

  it('counts a fault once when its recovery is reported later', () => {
    const state = from(recording(40));
    expect(state.faultCounts['kill']).toBe(2);
    expect(state.strikes.map((fault) => fault.recoveredMs)).toEqual([212, 904]);
  });

  it('counts faults of single messages without giving each a mark', () => {
    const state = from(recording(40));
    expect(state.faultCounts['duplicate']).toBe(10);
    expect(state.strikes.every((fault) => fault.kind !== 'duplicate')).toBe(true);
  });

  it('remembers the highest backlog of each endpoint', () => {
    const state = from(recording(40));
    const peak = Math.max(...Object.values(state.backlogPeak));
    expect(peak).toBeGreaterThan(40);
    expect(state.latest?.backlog.some((queue) => queue.messages === peak)).toBe(false);
  });

  it('starts the clock of a phase when the phase changes, not with every event', () => {
    const state = from([...recording(70), phase(71, 'draining'), phase(74, 'draining')]);
    expect(state.phase).toBe('draining');
    expect(state.phaseSince).toBe(71_000);
  });

  it('forgets an earlier run when another one starts', () => {
    const state = from([...recording(20), { at: 21, event: start }]);
    expect(state).toEqual({ ...emptyBenchState, start, phaseSince: 21_000 });
  });

  it('leaves the state it was given untouched', () => {
    const before = from(recording(30));
    const copy = structuredClone(before);
    reduceBench(before, snap(31), 31_000);
    expect(before).toEqual(copy);
  });
});
