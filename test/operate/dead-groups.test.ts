/** Errors without what differs from message to message. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../src/operate/dead/groups.js';
import type { DeadHead } from '../../src/operate/dead/letters.js';
import { normalisedError } from '../../src/operate/dead/normalise.js';

describe('what differs is taken out', () => {
  it.each([
    ['no answer within 2 s', 'no answer within # s'],
    ['took 1.25 s, 3,000 rows', 'took # s, # rows'],
    ['order 01J9Z4K7QF8W2E5R6T7Y8Z9A0B is unknown', 'order <id> is unknown'],
    ['user 9b2e4c1a-77aa-4f0e-8a51-0f3f6f1d2c3b', 'user <id>'],
    ['digest deadbeef01 at 0x7fff12', 'digest <hex> at <hex>'],
    ['card "4711 \\"x\\"" of \'Ann\' in `t`', 'card "..." of \'...\' in `...`'],
    ["the bank doesn't answer, it can't", "the bank doesn't answer, it can't"],
    ['  first\n    at handler (file.js:3:1)', 'first'],
    ['the façade failed', 'the façade failed'],
  ])('%s', (error, expected) => {
    expect(normalisedError(error)).toBe(expected);
  });

  it('normalising twice changes nothing, so that --group takes what a list shows', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(normalisedError(normalisedError(text))).toBe(normalisedError(text));
      }),
    );
  });

  it('numbers and ids make no groups of their own', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uuid(), fc.uuid(), (one, other, left, right) => {
        const error = (number: number, id: string) => `order ${number} of ${id}: refused`;
        expect(normalisedError(error(one, left))).toBe(normalisedError(error(other, right)));
      }),
    );
  });
});

it('groups tell how many, where, since when, and name the newest as a sample', () => {
  const letters = [
    letter('a', 'orders', 'Late: 3 s', 30),
    letter('b', 'stock', 'Late: 4 s', 10),
    letter('c', 'orders', 'Late: 5 s', 20),
    letter('d', 'orders', null, 40),
  ];
  expect(groupsOf(letters)).toEqual([
    {
      error: 'Late: # s',
      count: 3,
      endpoints: ['orders', 'stock'],
      first: 10,
      last: 30,
      sample: { messageId: 'a', error: 'Late: 3 s' },
    },
    {
      error: normalisedError(null),
      count: 1,
      endpoints: ['orders'],
      first: 40,
      last: 40,
      sample: { messageId: 'd', error: null },
    },
  ]);
});

function letter(messageId: string, at: string, error: string | null, deadAt: number): DeadHead {
  return {
    ...{ endpoint: at, messageId, type: 'T', key: 'k', headers: {}, receipt: messageId },
    ...{ deadAt, receives: 2, error, group: normalisedError(error), failures: 1, worker: 'w' },
  };
}
