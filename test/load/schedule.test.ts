import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSchedule, describeSchedule, stageAt } from '../../src/load/schedule.js';
import type { LoadProfile, Stage } from '../../src/profile/types.js';
import { load, stage } from './loads.js';

const times = (profile: LoadProfile, seed = 1) =>
  [...createSchedule(profile, seed, 'run')].map(({ atUs }) => atUs);

const anyStage: fc.Arbitrary<Stage> = fc.record({
  name: fc.constant('any'),
  measured: fc.boolean(),
  durationMs: fc.integer({ min: 1, max: 2000 }),
  shape: fc.constantFrom('constant', 'ramp', 'step', 'burst'),
  fromPerSecond: fc.integer({ min: 0, max: 1000 }),
  toPerSecond: fc.integer({ min: 0, max: 1000 }),
  count: fc.integer({ min: 1, max: 5 }),
});

const anyLoad: fc.Arbitrary<LoadProfile> = fc.record({
  ratePerSecond: fc.constant(1),
  arrival: fc.constantFrom('uniform', 'poisson'),
  payloadBytes: fc.integer({ min: 0, max: 300 }),
  keys: fc.record({
    count: fc.integer({ min: 1, max: 50 }),
    distribution: fc.constantFrom('uniform', 'zipf', 'hot'),
    skew: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  enter: fc.constantFrom(['a'], ['a', 'b', 'c']),
  stages: fc.array(anyStage, { minLength: 1, maxLength: 3 }),
});

describe('the schedule', () => {
  test('is the same, byte for byte, for the same seed, whatever the run', () => {
    fc.assert(
      fc.property(anyLoad, fc.integer(), (profile, seed) => {
        const first = describeSchedule(createSchedule(profile, seed, 'run-1'));
        expect(describeSchedule(createSchedule(profile, seed, 'run-2'))).toEqual(first);
      }),
      { numRuns: 25 },
    );
  });

  test('never goes back in time, stays in its stages and holds the announced number', () => {
    fc.assert(
      fc.property(anyLoad, fc.integer(), (profile, seed) => {
        const schedule = createSchedule(profile, seed, 'run');
        let last = 0;
        let count = 0;
        for (const { index, atUs, stage: number } of schedule) {
          const planned = schedule.stages[number];
          expect(index).toBe(count++);
          expect(atUs).toBeGreaterThanOrEqual(Math.max(last, planned?.startUs ?? Infinity));
          expect(atUs).toBeLessThanOrEqual(planned?.endUs ?? 0);
          last = atUs;
        }
        expect(count).toBe(schedule.total);
      }),
      { numRuns: 25 },
    );
  });

  test('differs in times, keys and bodies for another seed', () => {
    const profile = load({ arrival: 'poisson' });
    const [one, two] = [1, 2].map((seed) => createSchedule(profile, seed, 'run'));
    const columns = (schedule = one) => [...(schedule ?? [])];
    expect(columns(one).map(({ atUs }) => atUs)).not.toEqual(columns(two).map(({ atUs }) => atUs));
    expect(columns(one).map(({ key }) => key)).not.toEqual(columns(two).map(({ key }) => key));
    expect(one?.body(0)).not.toEqual(two?.body(0));
  });

  test('of a seed is still the one that earlier releases made', () => {
    const messages = [...createSchedule(load({ enter: ['a', 'b'] }), 42, 'run')].slice(0, 4);
    const text = messages.map(({ atUs, endpoint, key }) => `${atUs} ${endpoint} ${key}`);
    expect(text).toEqual(['0 a key-13', '10000 b key-97', '20000 a key-58', '30000 b key-45']);
  });

  test('is empty for a load without messages', () => {
    expect(times(load({ stages: [] }))).toEqual([]);
    expect(times(load({ stages: [stage({ fromPerSecond: 0 })] }))).toEqual([]);
  });
});

describe('stages', () => {
  const countOf = (part: Partial<Stage>) => times(load({ stages: [stage(part)] })).length;

  test('hold exactly the number of messages that their rate adds up to', () => {
    expect(countOf({ fromPerSecond: 750, durationMs: 60_000 })).toBe(45_000);
    expect(countOf({ shape: 'ramp', fromPerSecond: 0, toPerSecond: 100 })).toBe(50);
    expect(countOf({ shape: 'ramp', fromPerSecond: 100, toPerSecond: 0 })).toBe(50);
    expect(countOf({ shape: 'step', fromPerSecond: 100, toPerSecond: 300, count: 3 })).toBe(200);
    const burst = { shape: 'burst', fromPerSecond: 50, toPerSecond: 500, count: 2 } as const;
    expect(countOf({ ...burst, durationMs: 5000 })).toBe(3 * 50 + 2 * 500);
  });

  test('space uniform messages evenly from the start to one gap before the end', () => {
    const at = times(load({ stages: [stage({ fromPerSecond: 4 })] }));
    expect(at).toEqual([0, 250_000, 500_000, 750_000]);
  });

  test('follow a ramp: half of its messages by the square root of half its time', () => {
    const ramp = stage({ shape: 'ramp', fromPerSecond: 0, toPerSecond: 2000, durationMs: 10_000 });
    const at = times(load({ stages: [ramp] }));
    expect(at).toHaveLength(10_000);
    expect(at[5000]).toBeCloseTo(10_000_000 * Math.SQRT1_2, 3);
    expect(at.at(-1)).toBeGreaterThan(9_999_000);
    expect(at.at(-1)).toBeLessThan(10_000_000);
  });

  test('follow one another without a gap or a jump of the clock', () => {
    const up = stage({ shape: 'ramp', fromPerSecond: 100, toPerSecond: 1000 });
    const at = times(load({ stages: [up, stage({ fromPerSecond: 1000 })] }));
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(10_000);
    expect(Math.min(...gaps)).toBeGreaterThan(900);
  });

  test('are found by time, also for a message that is handled after the load', () => {
    const stages = [{ endUs: 10 }, { endUs: 20 }];
    expect([-1, 0, 9.9, 10, 19, 20, 1e9].map((at) => stageAt(stages, at))).toEqual([
      0, 0, 0, 1, 1, 1, 1,
    ]);
  });
});

describe('arrivals', () => {
  test('of several endpoints are staggered, each evenly spaced', () => {
    const enter = Array.from({ length: 15 }, (_, index) => `endpoint-${index}`);
    const profile = load({ enter, stages: [stage({ fromPerSecond: 750 })] });
    const messages = [...createSchedule(profile, 1, 'run')];
    const gaps = messages.slice(1).map(({ atUs }, index) => atUs - (messages[index]?.atUs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(1_000_000 / 751);
    for (const name of enter) {
      const own = messages.filter(({ endpoint }) => endpoint === name).map(({ atUs }) => atUs);
      expect(own).toHaveLength(50);
      expect((own[49] ?? 0) - (own[0] ?? 0)).toBeCloseTo(49 * 20_000, 3);
    }
  });

  test('are Poisson when they are to be: gaps with the mean and the spread of the exponential', () => {
    const profile = load({
      arrival: 'poisson',
      stages: [stage({ fromPerSecond: 1000, durationMs: 50_000 })],
    });
    const at = times(profile);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(at).toHaveLength(50_000);
    expect(mean / 1000).toBeCloseTo(1, 2);
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
    // Memoryless: a gap over the mean follows e^-1 of the time.
    const long = gaps.filter((gap) => gap > 1000).length / gaps.length;
    expect(long).toBeCloseTo(Math.exp(-1), 2);
  });

  test('of Poisson at several endpoints give each a share of its own', () => {
    const profile = load({
      arrival: 'poisson',
      enter: ['a', 'b'],
      stages: [stage({ fromPerSecond: 10_000 })],
    });
    const names = [...createSchedule(profile, 1, 'run')].map(({ endpoint }) => endpoint);
    const share = names.filter((name) => name === 'a').length / names.length;
    expect(share).toBeCloseTo(0.5, 1);
    expect(names.some((name, index) => name === names[index + 1])).toBe(true);
  });
});

describe('keys', () => {
  const counts = (distribution: LoadProfile['keys']['distribution'], skew: number) => {
    const keys = { count: 10, distribution, skew };
    const profile = load({ keys, stages: [stage({ fromPerSecond: 10_000 })] });
    const found = new Map<string, number>();
    for (const { key } of createSchedule(profile, 1, 'run')) {
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    return found;
  };

  test('are spread evenly when uniform', () => {
    const found = [...counts('uniform', 0).values()];
    expect(found).toHaveLength(10);
    expect(Math.min(...found)).toBeGreaterThan(900);
  });

  test('favour the first by the share that hot says', () => {
    expect((counts('hot', 0.8).get('key-0') ?? 0) / 10_000).toBeCloseTo(0.8, 1);
    expect(counts('hot', 0.8).size).toBe(10);
  });

  test('fall off by rank when zipf', () => {
    const found = counts('zipf', 1);
    expect((found.get('key-0') ?? 0) / (found.get('key-1') ?? 1)).toBeCloseTo(2, 0);
    expect((found.get('key-0') ?? 0) / (found.get('key-4') ?? 1)).toBeGreaterThan(4);
  });
});

describe('bodies', () => {
  test('are JSON objects of the wished length, the same every time', () => {
    for (const payloadBytes of [60, 1024, 200_000]) {
      const schedule = createSchedule(load({ payloadBytes }), 1, 'run');
      const body = schedule.body(7);
      expect(body).toHaveLength(payloadBytes);
      expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ number: 7 });
      expect(schedule.body(7)).toEqual(body);
      expect(schedule.body(8)).not.toEqual(body);
    }
  });

  test('are never cut short of valid JSON', () => {
    const body = createSchedule(load({ payloadBytes: 0 }), 1, 'run').body(0);
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ number: 0, text: '' });
  });
});
