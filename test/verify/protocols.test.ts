/** The right protocols hold on strong stores, and break on the stores that they may not be used with. */
import { describe, expect, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { protocolSteps } from '../../src/engine/protocols/steps.js';
import { explore } from '../../src/verify/explore.js';
import { mustOccur } from '../../src/verify/reach.js';
import { defaultBounds, strongStores } from '../../src/verify/scenario.js';
import { scenarioFor } from '../../src/verify/trace-file.js';
import { type Verified, type VerifyRequest, verifyProtocol } from '../../src/verify/verify.js';

const limits = { timeMs: 120_000, mostStates: 5_000_000 };
const small = { ...defaultBounds, crashes: 1 };

function verify(protocol: ProtocolName, request: Partial<VerifyRequest> = {}): Promise<Verified[]> {
  const asked = { protocol, messages: 1, bounds: small, stores: strongStores, ...request };
  return verifyProtocol(asked, limits);
}

async function broken(protocol: ProtocolName, request: Partial<VerifyRequest>) {
  const found = (await verify(protocol, request)).at(-1)?.found;
  return found ? `${found.invariant} in ${found.trace.length} steps` : 'holds';
}

describe('on strong stores', () => {
  /** States, with and without the reduction, so that a change shows; nobody derives them by hand. */
  const states: Readonly<Partial<Record<ProtocolName, readonly [number, number]>>> = {
    'local-transaction': [17, 21],
    outbox: [897, 4_283],
    'dedupe-store': [2_626, 15_288],
    token: [16_517, 326_022],
    'register-commit-publish': [85_085, 411_782],
  };

  it.each(Object.entries(states))('%s holds in all its states', async (name, [reduced, all]) => {
    const [verified] = await verify(name as ProtocolName);
    expect(verified?.found).toBeNull();
    expect(verified?.verdict).toBe('holds');
    expect(verified?.states).toBe(reduced);
    const scenario = scenarioFor((verified as Verified).subject);
    const explored = await explore(scenario, { ...limits, unreduced: true });
    expect([explored.verdict, explored.states]).toEqual(['holds', all]);
    expect([...explored.occurred].sort()).toEqual([...(verified?.occurred ?? [])].sort());
  });

  it('token exhausts two crashes and stale reads, though these make orphans for ever', async () => {
    const bounds = { ...defaultBounds, unknowns: 0, attempts: 2 };
    const stores = { ...strongStores, business: 'stale' } as const;
    const found = await verify('token', { messages: 2, bounds, stores });
    const said = found.map(({ verdict, states: count }) => `${verdict} in ${count}`);
    expect(said).toEqual(['holds in 789795', 'holds in 282040']);
  });

  it('none is caught', async () => {
    expect(await broken('none', {})).toBe('I2 in 6 steps');
  });

  it('holds with two messages, on one entity and on two, and with stale business reads', async () => {
    const bounds = { ...small, copies: 1 };
    const stores = { ...strongStores, business: 'stale' } as const;
    for (const protocol of ['outbox', 'dedupe-store', 'local-transaction'] as const) {
      const found = await verify(protocol, { messages: 2, bounds, stores });
      expect(found.map(({ verdict }) => verdict)).toEqual(['holds', 'holds']);
    }
  });
});

describe('what must occur, or nothing was tried', () => {
  it.each(['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const)(
    '%s: duplicates, lost races, a crash after every step that writes',
    async (name) => {
      const [verified] = await verify(name);
      const wanted = mustOccur((verified as Verified).subject);
      const writes = protocolSteps[name].filter((step) => !reads.has(step));
      // Every write but the last step, a duplicate, a lost race.
      expect(wanted).toHaveLength(writes.length - 1 + 2);
      for (const one of wanted) expect(verified?.occurred).toContain(one);
      expect(verified?.rests).toBeGreaterThan(0);
    },
  );

  const reads = new Set(['load', 'has-record', 'get-payload', 'handle']);

  it('is missed where nothing happens', () => {
    const [outbox] = [
      { protocol: 'outbox', mutant: null, producer: null, messages: 1, entities: 'one entity' },
    ] as const;
    const subject = { ...outbox, bounds: small, stores: strongStores };
    expect(mustOccur(subject)).toContain('crash before dispatch');
    expect(mustOccur({ ...subject, bounds: { ...small, crashes: 0, copies: 1 } })).toEqual([]);
  });

  it('local-transaction: a copy that is gone, a race that is lost', async () => {
    const [one] = await verify('local-transaction', { bounds: { ...small, crashes: 2 } });
    expect(one?.occurred).toContain('the copy was gone');
    const [two] = await verify('local-transaction', { messages: 2 });
    expect(two?.occurred).toContain('transact lost the race');
  });
});

describe('on stores that answer otherwise', () => {
  it('dedupe-store on a store that caches an absence applies twice', async () => {
    const stores = { ...strongStores, dedupe: 'negative-cache' } as const;
    expect(await broken('dedupe-store', { stores })).toBe('I2 in 11 steps');
  });

  it('dedupe-store with expired records applies twice', async () => {
    const stores = { ...strongStores, dedupe: 'expiry' } as const;
    expect(await broken('dedupe-store', { stores })).toBe('I2 in 12 steps');
  });

  it('token on a store that still answers what was deleted applies twice', async () => {
    const stores = { ...strongStores, payload: 'stale-delete' } as const;
    expect(await broken('token', { stores })).toBe('I2 in 13 steps');
  });

  it('token with payloads that expire loses messages', async () => {
    const stores = { ...strongStores, payload: 'expiry' } as const;
    expect(await broken('token', { stores })).toMatch(/^I1 /);
  });
});

it('says the same every time', async () => {
  const stores = { ...strongStores, dedupe: 'expiry' } as const;
  const [first, second] = [
    await verify('dedupe-store', { stores }),
    await verify('dedupe-store', { stores }),
  ];
  expect(first[0]?.found).toEqual(second[0]?.found);
  expect(first[0]?.states).toBe(second[0]?.states);
});

it('says "not exhausted" when it runs out of time or of room', async () => {
  const asked = { protocol: 'token', messages: 1, bounds: small, stores: strongStores } as const;
  const [verified] = await verifyProtocol(asked, { ...limits, mostStates: 5_000 });
  expect(verified?.verdict).toBe('not exhausted');
});
