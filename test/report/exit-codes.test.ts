import { describe, expect, it } from 'vitest';
import {
  errorKinds,
  errorName,
  exitCode,
  exitCodeOf,
  exitCodes,
  gravestExit,
} from '../../src/report/exit-codes.js';

describe('exit codes', () => {
  it('gives each outcome a code of its own', () => {
    expect(new Set(exitCodes.map(({ code }) => code)).size).toBe(exitCodes.length);
    expect(new Set(exitCodes.map(({ name }) => name)).size).toBe(exitCodes.length);
  });

  it('lets no error end with success, nor with a code that a command alone may give', () => {
    const outcomes = ['done', 'findings', 'violated', 'regression', 'threshold'];
    for (const { exit } of Object.values(errorKinds)) expect(outcomes).not.toContain(exit);
  });

  it.each([
    ['bug', 1],
    ['usage', 2],
    ['declined', 3],
    ['refused', 4],
    ['not-found', 5],
    ['ambiguous', 5],
    ['unreachable', 6],
    ['denied', 6],
    ['disk-full', 6],
    ['partial', 7],
    ['generator-behind', 103],
    ['worker-lost', 103],
    ['profile', 104],
    ['aborted', 105],
  ] as const)('ends %s with %i, as the design says', (kind, code) => {
    expect(exitCodeOf(kind)).toBe(code);
  });

  it('names an error kind as a program expects a constant', () => {
    expect(errorName('not-found')).toBe('NOT_FOUND');
  });
});

describe('the gravest of several outcomes', () => {
  it('follows 97 > 105 > 103 > 99 > 98 > 7', () => {
    const order = ['violated', 'aborted', 'invalid', 'threshold', 'regression', 'partial'] as const;
    const codes = order.map((_, at) => gravestExit([...order.slice(at)].reverse()));
    expect(codes).toEqual([97, 105, 103, 99, 98, 7]);
  });

  it('is success when there is nothing to say', () => {
    expect(gravestExit([])).toBe(0);
    expect(gravestExit(['done'])).toBe(0);
  });

  it('is the outcome itself when it has no rank', () => {
    expect(gravestExit(['done', 'findings'])).toBe(exitCode('findings'));
  });
});
