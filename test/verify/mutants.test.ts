/** Every wrong variant is caught by the invariant it breaks, and gets through when that is not judged. */
import { expect, it } from 'vitest';
import { mutants } from '../../src/verify/mutants/index.js';
import { verifyMutant } from '../../src/verify/verify.js';

const limits = { timeMs: 120_000, mostStates: 3_000_000 };

/** Invariant, steps of the shortest trace, states until it was found. */
const caught: Readonly<Record<string, readonly [string, number, number]>> = {
  'mark-before-dispatch': ['I1', 11, 2236],
  'ack-before-dispatch': ['I1', 5, 37],
  'no-version-condition': ['I2', 6, 51],
  'unique-entry-without-version': ['I2', 6, 122],
  'unconditional-create': ['I2', 6, 51],
  'new-ids-on-dispatch': ['I3', 4, 15],
  'visible-before-durable': ['I3', 5, 49],
  'entry-removed-on-any-error': ['I2', 7, 240],
  'etag-as-version': ['I2', 11, 625],
  'check-before-load': ['I2', 11, 827],
  'remove-before-add': ['I2', 10, 606],
  'duplicate-leaves-entry': ['I6', 15, 4728],
  'duplicate-removes-seen-entry-only': ['I6', 12, 1712],
  'has-from-old-snapshot': ['I2', 11, 1029],
  'record-without-endpoint': ['I1', 13, 7909],
  'payload-check-before-load': ['I2', 13, 3282],
  'remove-before-delete': ['I2', 12, 2406],
  'no-mark-checked': ['I2', 13, 3714],
  'unconditional-mark-checked': ['I2', 15, 11136],
  'fixed-payload-ids': ['I2', 13, 2793],
  'put-repeated-under-its-id': ['I2', 11, 1412],
  'shared-payload': ['I1', 11, 750],
  'blind-clear': ['I2', 28, 55500],
  'finished-credited-to-the-wrong-message': ['I1', 20, 14488],
};

it('knows them all', () => {
  expect(mutants.map(({ name }) => name).sort()).toEqual(Object.keys(caught).sort());
});

it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'catches %s',
  async (name, mutant) => {
    const { found, states } = await verifyMutant(mutant, limits);
    expect([found?.invariant, found?.trace.length, states]).toEqual(caught[name]);
    expect(found?.invariant).toBe(mutant.breaks);
  },
);

it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'lets %s through when its invariant is not judged',
  async (_name, mutant) => {
    const unjudged = [mutant.breaks];
    const { found } = await verifyMutant(mutant, { ...limits, mostStates: 60_000, unjudged });
    expect(found?.invariant).not.toBe(mutant.breaks);
  },
);
