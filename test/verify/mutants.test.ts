/** Every wrong variant is caught by the invariant it breaks, and gets through when that is not judged. */
import { expect, it } from 'vitest';
import { explore } from '../../src/verify/explore.js';
import { mutants, scenarioOf } from '../../src/verify/mutants/index.js';
import { verifyMutant } from '../../src/verify/verify.js';

const limits = { timeMs: 120_000, mostStates: 3_000_000 };

/** Invariant, steps of the shortest trace, states until it was found; states without the reduction. */
const caught: Readonly<Record<string, readonly [string, number, number, number]>> = {
  'mark-before-dispatch': ['I1', 11, 879, 2796],
  'ack-before-dispatch': ['I1', 5, 36, 37],
  'no-version-condition': ['I2', 6, 50, 58],
  'unique-entry-without-version': ['I2', 6, 109, 122],
  'unconditional-create': ['I2', 6, 50, 58],
  'new-ids-on-dispatch': ['I3', 4, 16, 16],
  'visible-before-durable': ['I3', 5, 48, 52],
  'entry-removed-on-any-error': ['I2', 7, 191, 271],
  'etag-as-version': ['I2', 11, 679, 752],
  'check-before-load': ['I2', 11, 599, 978],
  'remove-before-add': ['I2', 10, 528, 710],
  'duplicate-leaves-entry': ['I6', 15, 2113, 5958],
  'duplicate-removes-seen-entry-only': ['I6', 12, 1034, 1712],
  'has-from-old-snapshot': ['I2', 11, 771, 1220],
  'record-without-endpoint': ['I1', 13, 4554, 7909],
  'payload-check-before-load': ['I2', 13, 1553, 3837],
  'remove-before-delete': ['I2', 12, 1450, 2808],
  'no-mark-checked': ['I2', 13, 1901, 4423],
  'unconditional-mark-checked': ['I2', 15, 4201, 13363],
  'fixed-payload-ids': ['I2', 13, 1963, 3380],
  'put-repeated-under-its-id': ['I2', 11, 1024, 1664],
  'shared-payload': ['I1', 11, 530, 750],
  'blind-clear': ['I2', 28, 22738, 55500],
  'finished-credited-to-the-wrong-message': ['I1', 20, 7694, 14488],
  'repair-handles-again': ['I2', 6, 12, 12],
  'repair-handles-the-forgotten': ['I2', 12, 60, 64],
  'repair-removes-before-record': ['I2', 14, 575, 910],
  'repair-dispatch-unchecked': ['I2', 13, 75, 122],
  'repair-consumes-without-entry': ['I1', 17, 6324, 21227],
  'repair-clears-before-publish': ['I2', 16, 1419, 1689],
};

it('knows them all', () => {
  expect(mutants.map(({ name }) => name).sort()).toEqual(Object.keys(caught).sort());
});

it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'catches %s',
  async (name, mutant) => {
    const { found, states } = await verifyMutant(mutant, limits);
    expect([found?.invariant, found?.trace.length, states]).toEqual(caught[name]?.slice(0, 3));
    expect(found?.invariant).toBe(mutant.breaks);
  },
);

it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'catches %s in as many steps without the reduction',
  async (name, mutant) => {
    const { found, states } = await explore(scenarioOf(mutant), { ...limits, unreduced: true });
    const [invariant, steps, , unreduced] = caught[name] ?? [];
    expect([found?.invariant, found?.trace.length, states]).toEqual([invariant, steps, unreduced]);
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
