import { describe, expect, test } from 'vitest';
import { planStages } from '../../src/load/rates.js';
import { judgePace, stageOutcome } from '../../src/load/verdict.js';
import { stage } from './loads.js';

const pace = { name: 'steady', offeredPerSecond: 1000, sentPerSecond: 1000, lagP99Us: 100 };

describe('the verdict on the generator', () => {
  test('is valid within its bounds and names the first bound that is passed', () => {
    expect(judgePace(pace)).toBeNull();
    expect(judgePace({ ...pace, lagP99Us: 10_000, sentPerSecond: 991 })).toBeNull();
    expect(judgePace({ ...pace, lagP99Us: 10_500 })).toContain(
      'stage steady: send lag p99 10.5 ms',
    );
    expect(judgePace({ ...pace, sentPerSecond: 989 })).toContain('989.0/s sent of 1000.0/s');
    expect(judgePace({ ...pace, sentPerSecond: 1011 })).toContain('off by more than 1 %');
  });

  test('measures the rate over the time that sending took, when that was longer', () => {
    const [planned] = planStages([stage({ fromPerSecond: 1000, durationMs: 10_000 })]);
    if (planned === undefined) throw new Error('no stage');
    const end = { due: 10_000, endUs: planned.endUs };
    const inTime = { sent: 10_000, lastSentUs: 9_999_500 };
    expect(stageOutcome(planned, inTime, 100, end)).toMatchObject({
      offeredPerSecond: 1000,
      sentPerSecond: 1000,
      invalid: null,
    });
    const late = stageOutcome(planned, { sent: 10_000, lastSentUs: 10_200_000 }, 100, end);
    expect(late.sentPerSecond).toBeCloseTo(980.4, 1);
    expect(late.invalid).not.toBeNull();
  });

  test('of a stage that the stop came before is empty and valid', () => {
    const [, second] = planStages([stage(), stage()]);
    if (second === undefined) throw new Error('no stage');
    const outcome = stageOutcome(second, { sent: 0, lastSentUs: 0 }, 0, { due: 40, endUs: 4e5 });
    expect(outcome).toMatchObject({ offered: 0, sent: 0, durationSeconds: 0, invalid: null });
  });
});
