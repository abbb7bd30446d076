import { describe, expect, test } from 'vitest';
import { type ProtocolName, protocolNames } from '../../src/engine/protocols/names.js';
import {
  checkContract,
  contractProblems,
  contractTable,
  producerFamily,
} from '../../src/profile/contract.js';
import type { Profile } from '../../src/profile/types.js';
import { loadText } from './folder.js';

async function pairOf(producer: ProtocolName, consumer: ProtocolName): Promise<Profile> {
  const { profile } = await loadText(`
deployment: { endpoints: [{ name: left, sendsTo: right }, { name: right }] }
load: { rate: 1/s }
`);
  const endpoints = profile.deployment.endpoints.map((endpoint) => ({
    ...endpoint,
    protocol: endpoint.name === 'left' ? producer : consumer,
  }));
  return { ...profile, deployment: { ...profile.deployment, endpoints } };
}

/** Design, section 5, by protocol: producer rows, consumer columns in the order of the names. */
const expected: Readonly<Record<ProtocolName, readonly string[]>> = {
  none: ['doubles', 'doubles', 'doubles', 'doubles', 'dropped', 'dropped'],
  'local-transaction': ['doubles', 'ok', 'ok', 'ok', 'dropped', 'dropped'],
  outbox: ['doubles', 'bridge', 'ok', 'ok', 'dropped', 'dropped'],
  'dedupe-store': ['doubles', 'bridge', 'ok', 'ok', 'dropped', 'dropped'],
  token: ['doubles', 'bridge', 'ok', 'ok', 'ok', 'ok'],
  'register-commit-publish': ['doubles', 'bridge', 'ok', 'ok', 'ok', 'ok'],
};

describe.each(protocolNames)('%s sends to', (producer) => {
  test.each(protocolNames.map((consumer, index) => [consumer, expected[producer][index]]))(
    '%s: %s',
    async (consumer, verdict) => {
      const problems = contractProblems(await pairOf(producer, consumer as ProtocolName));
      const found = problems.find((problem) => problem.producer === 'left');
      expect(found?.verdict ?? 'ok').toBe(verdict);
    },
  );
});

test('the control is allowed where the profile says so, a lost message never is', async () => {
  const allowed = async (producer: ProtocolName, consumer: ProtocolName) => {
    const profile = await pairOf(producer, consumer);
    return contractProblems({ ...profile, deployment: { ...profile.deployment, control: true } });
  };
  expect(await allowed('none', 'none')).toEqual([]);
  expect(await allowed('none', 'outbox')).toEqual([]);
  expect(await allowed('none', 'token')).toMatchObject([{ verdict: 'dropped' }]);
});

test('the refusal names the pair, the reason and what would do', async () => {
  const profile = await pairOf('outbox', 'local-transaction');
  expect(() => checkContract(profile)).toThrow(
    /"left" \(outbox\) cannot send to "right" \(local-transaction\): .+ bridge .+ one transaction/,
  );
});

test('what enters is sent by a producer too', async () => {
  const profile = await pairOf('none', 'outbox');
  const [first] = contractProblems(profile);
  expect(first).toMatchObject({ producer: 'load generator', consumer: 'left', verdict: 'doubles' });
});

test('the sink takes everything', async () => {
  const { profile } = await loadText(
    'deployment: { protocol: token, endpoints: { chain: 1 } }\nload: { rate: 1/s }\n',
  );
  expect(contractProblems(profile)).toEqual([]);
});

test('nothing but a bridge leads out of a local transaction into another database', () => {
  const row = contractTable['local-transaction, other database'];
  expect(Object.values(row).map(({ verdict }) => verdict)).not.toContain('ok');
  expect(producerFamily('local-transaction')).toBe('local-transaction, same database');
});
