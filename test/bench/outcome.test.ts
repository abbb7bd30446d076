import { expect, it } from 'vitest';
import { type OutcomeFacts, outcomeOf, statusOf } from '../../src/bench/outcome.js';
import type { BenchResult } from '../../src/bench/result.js';

const wrong = { clean: false } as NonNullable<BenchResult['correctness']>;
const right = { clean: true } as NonNullable<BenchResult['correctness']>;

const good: OutcomeFacts = {
  correctness: right,
  aborted: false,
  invalid: false,
  thresholdsHold: true,
  undrained: false,
};
const all: OutcomeFacts = {
  correctness: wrong,
  aborted: true,
  invalid: true,
  thresholdsHold: false,
  undrained: true,
};

it.each([
  ['violated', 'failed', all],
  ['aborted', 'aborted', { ...all, correctness: right }],
  ['aborted', 'aborted', { ...all, correctness: null }],
  ['invalid', 'invalid', { ...all, correctness: right, aborted: false }],
  ['threshold', 'failed', { ...good, thresholdsHold: false, undrained: true }],
  ['partial', 'failed', { ...good, undrained: true }],
  ['done', 'passed', good],
  ['done', 'passed', { ...good, correctness: null }],
] as const)(
  'is %s, and the run %s, whatever lesser else is the matter (%#)',
  (outcome, status, facts) => {
    expect(outcomeOf(facts)).toBe(outcome);
    expect(statusOf(outcome)).toBe(status);
  },
);
