/** One conditional write against every order of mishaps: what it says of itself is true. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionalWrite } from '../../../src/backends/aws/s3/conditional-write.js';
import type { Snapshot } from '../../../src/backends/aws/s3/entity-row.js';
import { type EntityRow, newRow, writtenAs } from '../../../src/backends/aws/s3/entity-row.js';
import { OncectlError } from '../../../src/engine/errors.js';

/** What becomes of one try, and what comes before it: late tries land, others write. */
interface Try {
  readonly fate: 'answered' | 'answer lost' | 'request lost' | 'late' | 'busy';
  readonly others: number;
  readonly landing?: boolean;
}

const fates = fc.constantFrom<Try['fate'][]>(
  'answered',
  'answer lost',
  'request lost',
  'late',
  'busy',
);
const others = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }));
const oneTry = fc.record({ fate: fates, others, landing: fc.boolean() });
const busy: Try = { fate: 'busy', others: 0 };
const tries = fc.oneof(
  fc.array(oneTry, { minLength: 1, maxLength: 8 }),
  fc.array(oneTry, { maxLength: 2 }).map((first) => [...first, ...Array(12).fill(busy)]),
);

/** An object under If-Match, with writes that arrive after their sender gave up. */
class Register {
  etag: number;
  row: EntityRow;
  readonly all = new Set<string>();
  readonly #late: (() => void)[] = [];
  #others = 0;

  constructor(base: Snapshot) {
    this.etag = Number(base.etag ?? 0);
    this.row = base.row;
  }

  put(write: string, expected: number, fate: Try['fate']): 'refused' | 'busy' | { etag: string } {
    if (fate === 'busy') return 'busy';
    if (fate === 'late') this.#late.push(() => void this.#apply(write, expected));
    if (fate === 'request lost' || fate === 'late') throw lost();
    const done = this.#apply(write, expected);
    if (fate === 'answer lost') throw lost();
    return done ? { etag: String(this.etag) } : 'refused';
  }

  byOthers(): void {
    this.#apply(`other-${this.#others++}`, this.etag);
  }

  landLate(): void {
    for (const land of this.#late.splice(0)) land();
  }

  #apply(write: string, expected: number): boolean {
    if (expected !== this.etag) return false;
    this.etag++;
    this.row = writtenAs(this.row, write);
    this.all.add(write);
    return true;
  }
}

function lost(): OncectlError {
  return new OncectlError('unreachable', 'lost', { happened: 'unknown' });
}

function runAgainst(plan: readonly Try[], base: Snapshot) {
  const register = new Register(base);
  const expected = Number(base.etag ?? 0);
  let next = 0;
  const outcome = conditionalWrite('mine', base, {
    put: async () => {
      const { fate, others, landing } = plan[next++] ?? { fate: 'answered', others: 0 };
      if (landing) register.landLate();
      for (let count = 0; count < others; count++) register.byOthers();
      return register.put('mine', expected, fate);
    },
    read: async () => ({ row: register.row, etag: String(register.etag) }),
    wait: async () => {},
  });
  return { outcome, register };
}

const bases: readonly Snapshot[] = [
  { row: newRow('orders', 'k'), etag: null },
  { row: writtenAs(newRow('orders', 'k'), 'first'), etag: '1' },
];

describe('a conditional write', () => {
  it('that says written or lost is right, also after what was late has landed', async () => {
    const outcomes = { written: 0, lost: 0, unknown: 0, no: 0 };
    await fc.assert(
      fc.asyncProperty(tries, fc.constantFrom(...bases), async (plan, base) => {
        const { outcome, register } = runAgainst(plan, base);
        const said = await outcome.then(
          (told) => told.outcome,
          (error: OncectlError) => error.happened,
        );
        register.landLate();
        outcomes[said]++;
        if (said !== 'unknown') expect(register.all.has('mine')).toBe(said === 'written');
      }),
      { numRuns: 3_000 },
    );
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(0);
  });

  it('whose lost tries are followed by a few others is never unknown', async () => {
    const plan: Try[] = [
      { fate: 'answer lost', others: 0 },
      { fate: 'answered', others: 20 },
    ];
    for (const base of bases) {
      const { outcome } = runAgainst(plan, base);
      expect((await outcome).outcome).toBe('written');
    }
  });
});
