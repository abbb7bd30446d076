/** The bench's audit over the evidence of the verifier's schedules: the two verdicts agree. */
import { expect, it } from 'vitest';
import { hashOf } from '../../src/engine/evidence.js';
import { protocols } from '../../src/engine/protocols/index.js';
import type { Evidence } from '../../src/verify/evidence.js';
import { type Mutant, mutants, scenarioOf } from '../../src/verify/mutants/index.js';
import {
  appending,
  defaultBounds,
  type Scenario,
  strongStores,
} from '../../src/verify/scenario.js';
import { verifyMutant } from '../../src/verify/verify.js';
import { walk } from '../../src/verify/walk.js';
import { faultsOf, History, nothingLeft, verdictOf } from '../audit/history.js';

const hash = (text: string) => hashOf(text === '' ? null : new TextEncoder().encode(text));
const limits = { timeMs: 60_000, mostStates: 3_000_000 };

/** The records that the bench would have written. */
function historyOf(scenario: Scenario, evidence: Evidence): History {
  const history = new History();
  history.entered = scenario.entered.map(({ id, endpoint, key, body }) => {
    return { messageId: id, endpoint, key, hash: hash(body), outcome: 'accepted' };
  });
  history.commits = evidence.commits.map(({ before, after, outgoing, ...commit }) => ({
    ...commit,
    ...{ before: hash(before), after: hash(after) },
    outgoing: outgoing.map(({ id, endpoint, body }) => ({ id, endpoint, hash: hash(body) })),
  }));
  history.arrivals = evidence.arrivals.map(({ body, ...arrival }) => {
    return { ...arrival, hash: hash(body) };
  });
  history.pending = evidence.pending.map((one) => ({ ...one, where: 'queued' }));
  history.entities = evidence.entities
    .filter(({ version }) => version > 0)
    .map(({ endpoint, key, version, transaction, state }) => {
      return { endpoint, key, version, transaction, hash: hash(state) };
    });
  history.leftovers = { ...nothingLeft, entries: evidence.entries, drained: evidence.isAtRest };
  return history;
}

async function auditFaults(scenario: Scenario, evidence: Evidence) {
  const history = historyOf(scenario, evidence);
  return faultsOf(await verdictOf(history, { deterministic: false }));
}

const counts = {
  ...{ I1: 'lost', I2: 'doubled', I3: 'leaked', I4: 'contradicting', I5: 'contradicting' },
  ...{ I6: 'unbounded', progress: '' },
} as const;

/** Tokens are taken at the sink, where the audit counts no second arrival. */
const byId = mutants.filter(({ of, stores, wrongs }) => {
  return (of === 'outbox' || of === 'dedupe-store') && !stores && !wrongs?.visibleBeforeDurable;
});

it.each(byId.map((mutant): [string, Mutant] => [mutant.name, mutant]))(
  'the audit finds what the verifier finds of %s',
  async (_name, mutant) => {
    const { found } = await verifyMutant(mutant, limits);
    if (!found) throw new Error('not caught');
    const faults = await auditFaults(scenarioOf(mutant), found.evidence);
    expect(faults[counts[found.invariant]]).toBeGreaterThan(0);
  },
);

it.each(['outbox', 'dedupe-store', 'local-transaction'] as const)(
  'both find nothing in random walks of %s',
  async (name) => {
    const scenario: Scenario = {
      endpoints: [{ name: 'orders', protocol: protocols[name], handler: appending }],
      entered: ['A', 'B', 'C'].map((id) => ({ id, endpoint: 'orders', key: 'k', body: id })),
      stores: strongStores,
      bounds: { ...defaultBounds, workers: 3, crashes: 4 },
      wrongs: {},
    };
    for (let seed = 1; seed <= 20; seed += 1) {
      const { found, evidence } = walk(scenario, seed);
      expect(found).toBeNull();
      expect(await auditFaults(scenario, evidence)).toEqual({});
    }
  },
);
