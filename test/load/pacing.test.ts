import { describe, expect, test } from 'vitest';
import { ArrivalCursor } from '../../src/load/arrivals.js';
import { pace } from '../../src/load/pacing.js';
import { planStages } from '../../src/load/rates.js';
import type { Stage } from '../../src/profile/types.js';
import { stage } from './loads.js';

/** Runs the pacer on a clock that moves only when it sleeps: `wake` says how long that really took. */
function paceThrough(part: Partial<Stage>, wake: (ms: number, elapsed: number) => number) {
  const stages = planStages([stage(part)]);
  const posts: { at: number; due: number }[] = [];
  const sleeps: number[] = [];
  let elapsed = 0;
  pace({
    cursor: new ArrivalCursor(stages, 'uniform', 1),
    stages,
    elapsed: () => elapsed,
    sleep: (ms) => {
      sleeps.push(ms);
      elapsed += wake(ms, elapsed);
      return true;
    },
    post: (due) => posts.push({ at: elapsed, due }),
  });
  return { posts, sleeps };
}

describe('the pacer', () => {
  test('posts every message at its time when sleeps are exact', () => {
    const { posts } = paceThrough({ fromPerSecond: 4 }, (ms) => ms);
    expect(posts).toEqual([
      { at: 0, due: 1 },
      { at: 250, due: 2 },
      { at: 500, due: 3 },
      { at: 750, due: 4 },
    ]);
  });

  test('never posts early, though sleeps end early', () => {
    const { posts } = paceThrough({ fromPerSecond: 750 }, (ms) => Math.max(ms * 0.7, 0.001));
    expect(posts).toHaveLength(750);
    for (const { at, due } of posts) expect(at).toBeGreaterThanOrEqual(((due - 1) * 1000) / 750);
  });

  test('posts all that is due at once after the machine paused, and then keeps its times', () => {
    const pause = (ms: number, elapsed: number) => (elapsed > 300 && elapsed < 400 ? 400 : ms);
    const { posts } = paceThrough({ fromPerSecond: 100 }, pause);
    const late = posts.find(({ at }) => at > 600);
    expect(late).toEqual({ at: expect.closeTo(710, 3), due: 72 });
    expect(posts.at(posts.indexOf(late ?? { at: 0, due: 0 }) + 1)).toEqual({
      at: expect.closeTo(720, 3),
      due: 73,
    });
  });

  test('wakes for each message at 2,000/s and at most every quarter millisecond above', () => {
    expect(paceThrough({ fromPerSecond: 2000 }, (ms) => ms).posts).toHaveLength(2000);
    const { posts, sleeps } = paceThrough({ fromPerSecond: 10_000 }, (ms) => ms);
    expect(Math.min(...sleeps)).toBeGreaterThanOrEqual(0.25);
    expect(posts.length).toBeLessThanOrEqual(1000 / 0.25 + 1);
    expect(posts.at(-1)?.due).toBe(10_000);
  });

  test('stops when its sleep says so', () => {
    const stages = planStages([stage({ fromPerSecond: 1 })]);
    const posts: number[] = [];
    pace({
      cursor: new ArrivalCursor(stages, 'uniform', 1),
      stages,
      elapsed: () => -1000,
      sleep: () => false,
      post: (due) => posts.push(due),
    });
    expect(posts).toEqual([]);
  });
});
