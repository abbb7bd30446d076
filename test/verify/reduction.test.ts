/**
 * What the reduction rests on: worlds that differ in the order of workers, of repairs and of copies, and
 * in the names of ids, are one row, and what may happen next to them is the same up to order and names.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { protocols } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { Random } from '../../src/load/random.js';
import { Canon } from '../../src/verify/canon.js';
import { copyNumber, holderOf, messageOf } from '../../src/verify/layout.js';
import { World } from '../../src/verify/moves.js';
import { mutants, scenarioOf } from '../../src/verify/mutants/index.js';
import { type PureHandler, type Scenario, sink, strongStores } from '../../src/verify/scenario.js';

type Row = Uint32Array;

/** Says another thing in every attempt, and names its transaction. */
const fickle: PureHandler = ({ id }, before, transaction) => ({
  state: `${before}${id} by ${transaction} `,
  sends: [{ to: sink, body: `decided by ${transaction}` }],
});

function scenario(name: ProtocolName, repairs = 0): Scenario {
  return {
    endpoints: [{ name: 'orders', protocol: protocols[name], handler: fickle }],
    entered: ['A', 'B'].map((id) => ({ id, endpoint: 'orders', key: 'k', body: id })),
    stores: { ...strongStores, business: 'stale' },
    bounds: {
      workers: repairs > 0 ? 2 : 3,
      copies: 2,
      crashes: 2,
      unknowns: 1,
      attempts: 2,
      repairs,
    },
    wrongs: {},
  };
}

const names = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const;

const scenarios: readonly Scenario[] = [
  ...names.map((name) => scenario(name)),
  ...names.map((name) => scenario(name, 2)),
  ...mutants.filter(({ name }) => name.includes('checked')).map(scenarioOf),
];

/** Takes moves as they fall, for as long as there are any. */
function walked(world: World, seed: number, steps: number): Row {
  const random = new Random(seed);
  let row = world.start();
  for (let step = 0; step < steps; step++) {
    const all: Row[] = [];
    world.moves(row, (next) => all.push(next.slice()));
    row = all[Math.floor(random.nextDouble() * all.length)] ?? row;
  }
  return row;
}

interface Exchange {
  /** At each new place, the worker (or repair, or copy) that stood elsewhere before. */
  readonly workers: readonly number[];
  readonly repairs: readonly number[];
  readonly copies: readonly number[];
  readonly names: readonly number[];
}

/** The same world with workers, repairs, copies and names exchanged. */
function exchanged(world: World, before: Row, exchange: Exchange): Row {
  const { workers, repairs, copies, names } = exchange;
  const { layout } = world;
  const row = before.slice();
  const newWorker = (old: number) => (old === 0 ? 0 : 1 + workers.indexOf(old - 1));
  const actors = [...workers, ...repairs.map((repair) => layout.workers + repair)];
  actors.forEach((old, index) => {
    const pointer = before[layout.firstPointer + old] as number;
    row[layout.firstPlace + index] = before[layout.firstPlace + old] as number;
    row[layout.firstPointer + index] = pointer === 0 ? 0 : 1 + copies.indexOf(pointer - 1);
  });
  copies.forEach((old, index) => {
    const copy = before[layout.firstCopy + old] as number;
    const holder = newWorker(holderOf(layout, copy));
    row[layout.firstCopy + index] =
      copy === 0 ? 0 : copyNumber(layout, messageOf(layout, copy), holder);
  });
  world.naming.apply(row, names);
  return row;
}

/** What may come of it, as rows in order. */
function successors(world: World, canon: Canon, row: Row): string[] {
  const found = new Set<string>();
  world.moves(row, (next, _move, violation) => {
    found.add(`${canon.sort(next).join()} ${violation?.invariant}`);
  });
  return [...found].sort();
}

const shuffled = (count: number) => {
  const all = Array.from({ length: count }, (_, index) => index);
  return fc.shuffledSubarray(all, { minLength: count, maxLength: count });
};
const mostNames = 12;
const walk = fc.record({
  of: fc.constantFrom(...scenarios),
  seed: fc.nat(1_000_000),
  steps: fc.integer({ min: 1, max: 60 }),
});

it('worlds that differ in order and names alone are one row, with the same futures', () => {
  const drawn = walk.chain((one) => {
    const { workers, actors, copies } = new World(one.of).layout;
    const repairs = shuffled(actors - workers);
    const exchange = { workers: shuffled(workers), repairs, copies: shuffled(copies) };
    return fc.tuple(fc.constant(one), fc.record({ ...exchange, names: shuffled(mostNames) }));
  });
  let others = 0;
  fc.assert(
    fc.property(drawn, ([{ of, seed, steps }, exchange]) => {
      const world = new World(of);
      const canon = new Canon(world);
      const row = walked(world, seed, steps);
      fc.pre(world.naming.mask(row) < 2 ** mostNames);
      const other = exchanged(world, row, exchange);
      if (other.join() !== row.join()) others++;
      const sorted = canon.sort(row.slice());
      expect(canon.areAlike(other, sorted)).toBe(true);
      if (canon.sort(other.slice()).join() !== sorted.join()) return;
      expect(successors(world, canon, other)).toEqual(successors(world, canon, row));
    }),
    { seed: 7, numRuns: 400 },
  );
  expect(others).toBeGreaterThan(200);
});

it('a world and what becomes of it are not alike', () => {
  fc.assert(
    fc.property(walk, ({ of, seed, steps }) => {
      const world = new World(of);
      const canon = new Canon(world);
      const row = walked(world, seed, steps);
      const sorted = canon.sort(row.slice());
      world.moves(row, (next) => {
        if (canon.sort(next.slice()).join() === sorted.join()) return;
        expect(canon.areAlike(next.slice(), sorted)).toBe(false);
      });
    }),
    { seed: 7, numRuns: 40 },
  );
});

it('a free copy is received also when a worker that lost its lease has a receipt of it', () => {
  const world = new World(scenario('outbox'));
  const { layout } = world;
  const row = world.start();
  row[layout.firstPlace] = world.automaton.start(0, world.values.messages.value(0), false);
  row[layout.firstPointer] = 2;
  const taken = new Set<number>();
  world.moves(row, (next, { worker, what }) => {
    if (worker === 2 && what === 'receives A') taken.add(next[layout.firstPointer + 1] as number);
  });
  expect([...taken]).toEqual([1, 2]);
});
