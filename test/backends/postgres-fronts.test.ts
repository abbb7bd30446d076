import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Fronts } from '../../src/backends/postgres/fronts.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('a look begins where the one before ended, for each endpoint apart', () => {
  const fronts = new Fronts();
  expect(fronts.begin('a')).toBe(0);
  fronts.moveTo('a', 17);
  expect([fronts.begin('a'), fronts.begin('b')]).toEqual([17, 0]);
});

it('after a look that found all there was, the next one begins at the beginning', () => {
  const fronts = new Fronts();
  fronts.begin('a');
  fronts.moveTo('a', 17);
  fronts.reset('a');
  expect(fronts.begin('a')).toBe(0);
});

it('a second after the last look from the beginning there is another one', () => {
  const fronts = new Fronts();
  fronts.begin('a');
  for (const due of [17, 18, 19]) {
    fronts.moveTo('a', due);
    vi.advanceTimersByTime(300);
    expect(fronts.begin('a')).toBe(due);
  }
  vi.advanceTimersByTime(100);
  expect(fronts.begin('a')).toBe(0);
});
