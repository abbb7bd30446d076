/** Repair as one more class of actors: it holds beside workers and other repairs, crashed and slow. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/engine/effects.js';
import type { Message } from '../../src/engine/message.js';
import { bridge, type Protocol, protocols, repairing } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { bridgeSteps } from '../../src/engine/protocols/steps.js';
import { explore } from '../../src/verify/explore.js';
import { mutants, scenarioOf } from '../../src/verify/mutants/index.js';
import { mustOccur } from '../../src/verify/reach.js';
import {
  appending,
  defaultBounds,
  forwardingTo,
  type Scenario,
  type StoreModels,
  strongStores,
} from '../../src/verify/scenario.js';
import { scenarioFor } from '../../src/verify/trace-file.js';
import { verifyProtocol } from '../../src/verify/verify.js';

const limits = { timeMs: 120_000, mostStates: 5_000_000 };
const stale: StoreModels = { ...strongStores, business: 'stale' };
const repaired = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const;

async function holding(protocol: ProtocolName, messages: number, stores: StoreModels, bounds = {}) {
  const all = { ...defaultBounds, crashes: 1, unknowns: 0, attempts: 2, ...bounds };
  const found = await verifyProtocol({ protocol, messages, stores, bounds: all }, limits);
  return found.map(({ verdict, states }) => [verdict, states]);
}

describe('beside two workers and a crash, on strong stores and with stale reads', () => {
  /** States with one repair and with two, so that a change shows; then the same with stale reads. */
  const states: Readonly<Record<(typeof repaired)[number], readonly number[]>> = {
    outbox: [635, 1_610, 975, 2_598],
    'dedupe-store': [2_511, 9_735, 3_117, 13_590],
    token: [26_180, 190_040, 44_630, 296_340],
    'register-commit-publish': [28_434, 126_253, 52_341, 286_065],
  };

  it.each(repaired)('%s holds in all its states', async (name) => {
    const seen = [];
    for (const stores of [strongStores, stale]) {
      for (const repairs of [1, 2]) seen.push(...(await holding(name, 1, stores, { repairs })));
    }
    expect(seen).toEqual(states[name].map((count) => ['holds', count]));
  });
});

it.each(repaired)('%s holds with a late write, and with two messages', async (name) => {
  const late = { copies: 1, unknowns: 1, repairs: 1 };
  expect(await holding(name, 1, strongStores, late)).toEqual([['holds', expect.any(Number)]]);
  const two = { workers: 1, copies: 1, repairs: 1 };
  expect((await holding(name, 2, stale, two)).map(([verdict]) => verdict)).toEqual([
    'holds',
    'holds',
  ]);
});

it.each(['none', 'local-transaction'] as const)('%s leaves nothing to begin on', async (name) => {
  const [without, withOne] = [
    await holding(name, 1, strongStores),
    await holding(name, 1, strongStores, { repairs: 2 }),
  ];
  expect(withOne).toEqual(without);
});

it.each(repaired)('%s: random walks come to rest, and break nothing', async (name) => {
  const bounds = { ...defaultBounds, workers: 3, crashes: 4, attempts: 2, repairs: 3 };
  const request = { protocol: name, messages: 2, stores: stale, bounds };
  const all = await verifyProtocol(request, limits, { seed: 7, count: 30 });
  expect(all.map(({ found, rests }) => [found, rests])).toEqual([
    [null, 30],
    [null, 30],
  ]);
});

it.each(repaired)('%s: the same is found without the reduction', async (name) => {
  const bounds = { workers: 1, copies: 2, crashes: 1, unknowns: 0, attempts: 2, repairs: 2 };
  // With stale reads a lost race leaves a payload each time, and only the reduction forgets them.
  const stores = name === 'token' ? strongStores : stale;
  const request = { protocol: name, messages: 1, stores, bounds };
  const [verified] = await verifyProtocol(request, limits);
  if (!verified) throw new Error('nothing was explored');
  const all = await explore(scenarioFor(verified.subject), { ...limits, unreduced: true });
  expect([verified.verdict, all.verdict]).toEqual(['holds', 'holds']);
  expect(all.states).toBeGreaterThan(verified.states);
  expect([...all.occurred].sort()).toEqual([...verified.occurred].sort());
});

it('must have been crashed behind each of its writes, have lost its races, and found nothing', async () => {
  const subject = { mutant: null, producer: null, messages: 1, entities: 'one entity' } as const;
  const bounds = { ...defaultBounds, repairs: 1 };
  const of = (protocol: ProtocolName) =>
    mustOccur({ ...subject, protocol, bounds, stores: strongStores })
      .filter((name) => name.startsWith('repair: '))
      .map((name) => name.slice('repair: '.length));
  expect(of('token')).toEqual([
    'sent what was left',
    'found nothing to send',
    'crash before mark-checked',
    'crash before dispatch',
    'crash before delete-payload',
    'crash before remove-entry',
    'mark-checked lost the race',
  ]);
  expect(of('outbox')).toContain('crash before mark-dispatched');
  expect(of('register-commit-publish')).toContain('clear-slot lost the race');
  expect(of('local-transaction')).toEqual([]);
});

/** One endpoint behind another, and a repair of whatever either leaves. */
function behind(first: Protocol, second: Protocol): Scenario {
  return {
    endpoints: [
      { name: 'orders', protocol: first, handler: forwardingTo('billing') },
      { name: 'billing', protocol: second, handler: appending },
    ],
    entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
    stores: stale,
    bounds: { ...defaultBounds, copies: 1, crashes: 1, unknowns: 0, attempts: 2, repairs: 1 },
    wrongs: {},
  };
}

describe('a bridge', () => {
  it.each([
    ['id', 'outbox'],
    ['id', 'dedupe-store'],
    ['token', 'token'],
    ['token', 'register-commit-publish'],
    ['transaction', 'local-transaction'],
  ] as const)('by %s to %s holds', async (by, to) => {
    const { verdict, found, occurred } = await explore(behind(bridge(by), protocols[to]), limits);
    expect([verdict, found]).toEqual(['holds', null]);
    const steps = bridgeSteps[by];
    const sending = steps.find((step) => step === 'dispatch' || step === 'enter');
    expect(occurred).toContain('repair: sent what was left');
    expect(occurred).toContain('repair: crash before mark-dispatched');
    if (by === 'token') expect(occurred).toContain(`repair: crash before ${sending}`);
  });

  it.each([
    ['id', 'outbox'],
    ['token', 'token'],
    ['transaction', 'local-transaction'],
  ] as const)('by %s to %s holds with two repairs', async (by, to) => {
    const scenario = behind(bridge(by), protocols[to]);
    const bounds = { ...scenario.bounds, workers: 1, repairs: 2 };
    const { verdict } = await explore({ ...scenario, bounds, stores: strongStores }, limits);
    expect(verdict).toBe('holds');
  });
});

it.each([
  ['outbox', 'dedupe-store'],
  ['token', 'token'],
  ['token', 'outbox'],
  ['register-commit-publish', 'dedupe-store'],
] as const)('%s sends to %s: entries of both are repaired', async (first, second) => {
  const scenario = behind(protocols[first], protocols[second]);
  const bounds = { ...scenario.bounds, workers: 1 };
  expect((await explore({ ...scenario, bounds }, limits)).verdict).toBe('holds');
});

/** The message is gone as soon as it is committed: what is left behind then is never delivered again. */
function vanishing(protocol: Protocol): Protocol {
  return { ...protocol, program: (message) => ackedAtCommit(protocol, message) };
}

function* ackedAtCommit(protocol: Protocol, message: Message): Program {
  const program = protocol.program(message);
  let next = program.next();
  while (!next.done) {
    const { kind } = next.value;
    const result = yield next.value;
    if (kind === 'commit' || kind === 'commit-slot') yield { kind: 'ack', message };
    next = program.next(result);
  }
}

describe('where no copy of the message is left, a fair operator', () => {
  const alone = { ...defaultBounds, copies: 1, crashes: 2, unknowns: 0, attempts: 2, repairs: 1 };
  const left: readonly (readonly [string, Protocol])[] = [
    ...repaired.map((name) => [name, protocols[name]] as const),
    ['bridge', bridge('id')],
  ];

  it.each(left)('finishes all that %s leaves at any step', async (_name, protocol) => {
    const scenario: Scenario = {
      endpoints: [{ name: 'orders', protocol: vanishing(protocol), handler: appending }],
      entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
      ...{ stores: stale, bounds: alone, wrongs: {} },
    };
    const unattended = await explore(scenario, limits);
    expect(unattended.found?.invariant).toBe('I1');
    const attended: Scenario = {
      ...{ ...scenario, isOperated: true },
      repairing: (_protocol, message) => repairing(protocol, message),
    };
    const { verdict, found, rests } = await explore(attended, limits);
    expect([verdict, found]).toEqual(['holds', null]);
    expect(rests).toBeGreaterThan(0);
  });
});

it.each(
  mutants.filter((one) => one.repairing !== undefined).map((one) => [one.name, one] as const),
)('%s: the right repair holds in its place, on the same stores', async (_name, mutant) => {
  const { repairing: _wrong, ...scenario } = scenarioOf(mutant);
  const { verdict, found, occurred } = await explore(scenario, limits);
  expect([verdict, found]).toEqual(['holds', null]);
  expect(occurred).toContain('repair: sent what was left');
});
