import { describe, expect, test } from 'vitest';
import { Random } from '../../src/load/random.js';

const draw = (random: Random, count = 5) => Array.from({ length: count }, () => random.next32());

describe('the random source', () => {
  test('repeats itself for the same seed, stream and index, and for nothing else', () => {
    const first = draw(new Random(1, 2, 3));
    expect(draw(new Random(1, 2, 3))).toEqual(first);
    for (const other of [new Random(2, 2, 3), new Random(1, 3, 3), new Random(1, 2, 4)]) {
      expect(draw(other)).not.toEqual(first);
    }
  });

  test('tells apart seeds that differ beyond 32 bits or after the point', () => {
    const seeds = [1, 1 + 2 ** 32, 1 + 2 ** 50, 1.5, -1];
    expect(new Set(seeds.map((seed) => draw(new Random(seed)).join())).size).toBe(seeds.length);
  });

  test('fills its range evenly', () => {
    const random = new Random(7);
    const bins = new Array<number>(16).fill(0);
    for (let index = 0; index < 16_000; index++) {
      const bin = random.integer(16);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    // 99.9 % point of chi-square with 15 degrees of freedom.
    const chi = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(37.7);
  });
});
