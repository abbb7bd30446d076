import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HistogramSum } from '../../src/load/histogram-sum.js';
import { LatencyRecorder, StageRecorders } from '../../src/load/recorder.js';

const sumOf = (...encoded: (string | undefined)[]) => {
  const sum = new HistogramSum();
  for (const hdr of encoded) if (hdr !== undefined) sum.add(hdr);
  return sum;
};

describe('the latency recorder', () => {
  test('counts a latency of 0 like any other', () => {
    const recorder = new LatencyRecorder();
    recorder.record('hop', 0);
    recorder.record('hop', 0.3);
    recorder.record('hop', -0.3);
    const { hop } = recorder.takeInterval();
    expect(hop?.count).toBe(3);
    expect(sumOf(hop?.hdr).summary()).toMatchObject({ count: 3, p50: 0, max: 0 });
    expect(recorder.clamps).toEqual({ negative: 0, above: 0 });
  });

  test('records what is out of range at the end of the range, and says how often', () => {
    const recorder = new LatencyRecorder();
    for (const us of [-5, -1e12, 4e9, Number.POSITIVE_INFINITY]) recorder.record('hop', us);
    expect(recorder.clamps).toEqual({ negative: 2, above: 2 });
    const { count, max, p50 } = sumOf(recorder.takeInterval()['hop']?.hdr).summary();
    expect(count).toBe(4);
    expect(p50).toBe(0);
    expect(max / 3.6e9).toBeCloseTo(1, 3);
  });

  test('refuses what is not a number and keeps what it has', () => {
    const recorder = new LatencyRecorder();
    recorder.record('hop', 7);
    expect(() => recorder.record('hop', Number.NaN)).toThrow('not a number: hop');
    expect(recorder.takeInterval()['hop']?.count).toBe(1);
  });

  test('starts every interval empty and leaves out names without values', () => {
    const recorder = new LatencyRecorder();
    recorder.record('hop', 1);
    recorder.record('chain', 1);
    recorder.takeInterval();
    recorder.record('hop', 2);
    expect(recorder.point('chain')?.count).toBe(0);
    expect(Object.keys(recorder.takeInterval())).toEqual(['hop']);
    expect(recorder.takeInterval()).toEqual({});
  });

  test('counts beyond 8 and 16 bits', () => {
    const recorder = new LatencyRecorder();
    for (let index = 0; index < 70_000; index++) recorder.record('hop', 100);
    expect(sumOf(recorder.takeInterval()['hop']?.hdr).point()).toMatchObject({
      count: 70_000,
      p50: 100,
    });
  });

  test('holds its memory over many intervals', () => {
    const recorder = new StageRecorders();
    const rounds = (count: number) => {
      for (let round = 0; round < count; round++) {
        recorder.record(round % 50, 'hop', round, `endpoint-${round % 7}`);
        recorder.takeInterval();
      }
      return process.memoryUsage().rss;
    };
    const before = rounds(500);
    // A histogram that was not used again would cost 95 KB in every round.
    expect(rounds(1500) - before).toBeLessThan(60e6);
  });
});

describe('stage recorders', () => {
  test('keep stages and endpoints apart and sum an endpoint into its stage', () => {
    const recorder = new StageRecorders();
    recorder.record(0, 'hop', 10, 'a');
    recorder.record(0, 'hop', 20, 'b');
    recorder.record(1, 'hop', 30, 'a');
    recorder.record(1, 'chain', 40);
    const taken = recorder
      .takeInterval()
      .map(({ stage, name, endpoint, count }) => [stage, name, endpoint, count]);
    expect(taken).toEqual([
      [0, 'hop', null, 2],
      [0, 'hop', 'a', 1],
      [0, 'hop', 'b', 1],
      [1, 'hop', null, 1],
      [1, 'chain', null, 1],
      [1, 'hop', 'a', 1],
    ]);
    expect(recorder.takeInterval()).toEqual([]);
  });

  test('count a clamped value once, also when it is recorded for an endpoint too', () => {
    const recorder = new StageRecorders();
    recorder.record(0, 'hop', -10, 'a');
    recorder.record(3, 'hop', 1e10, 'a');
    expect(recorder.clamps).toEqual({ negative: 1, above: 1 });
  });
});

describe('the sum of intervals', () => {
  test('equals one recorder of everything, however it was cut', () => {
    const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_600_000_000 }), fc.boolean()));
    fc.assert(
      fc.property(values, (all) => {
        const [whole, parts] = [new LatencyRecorder(), new LatencyRecorder()];
        const sum = new HistogramSum();
        for (const [us, cut] of all) {
          whole.record('hop', us);
          parts.record('hop', us);
          if (cut) sum.add(parts.takeInterval()['hop']?.hdr ?? '');
        }
        const rest = parts.takeInterval()['hop'];
        if (rest !== undefined) sum.add(rest.hdr);
        expect(sum.summary()).toEqual(sumOf(whole.takeInterval()['hop']?.hdr).summary());
      }),
      { numRuns: 50 },
    );
  });

  test('merges with itself without loss beyond 32 bits', () => {
    const recorder = new LatencyRecorder();
    recorder.record('hop', 5);
    let hdr = recorder.takeInterval()['hop']?.hdr;
    for (let doubling = 0; doubling < 40; doubling++) hdr = sumOf(hdr, hdr).summary().hdr;
    expect(sumOf(hdr).summary()).toMatchObject({ count: 2 ** 40, p50: 5, max: 5 });
  });

  test('is within a thousandth of the exact percentiles', () => {
    const recorder = new LatencyRecorder();
    for (let us = 1; us <= 100_000; us++) recorder.record('hop', us);
    const { p50, p90, p99, p999, max } = sumOf(recorder.takeInterval()['hop']?.hdr).point();
    const exact = [50_000, 90_000, 99_000, 99_900, 100_000];
    for (const [index, found] of [p50, p90, p99, p999, max].entries()) {
      expect(found / (exact[index] ?? 0)).toBeCloseTo(1, 2);
    }
  });

  test('of nothing is zero, and encodes', () => {
    const empty = new HistogramSum().summary();
    expect(empty).toMatchObject({ unit: 'us', count: 0, p50: 0, p99: 0, max: 0 });
    expect(sumOf(empty.hdr).point().count).toBe(0);
  });

  test('is empty again after a reset', () => {
    const sum = new HistogramSum();
    const recorder = new LatencyRecorder();
    recorder.record('hop', 5);
    sum.add(recorder.takeInterval()['hop']?.hdr ?? '');
    sum.reset();
    expect(sum.point()).toMatchObject({ count: 0, max: 0 });
  });

  test('refuses what is no histogram, with a format error', () => {
    for (const wrong of ['', 'nonsense', 'AAAAAAAAAAAA', 'HISTFAAAAB54nJNpmSz']) {
      expect(() => new HistogramSum().add(wrong)).toThrow(
        expect.objectContaining({ kind: 'format' }),
      );
    }
  });
});
