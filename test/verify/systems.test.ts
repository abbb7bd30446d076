/** Systems of more than one endpoint, message or outcome, within bounds that a test can afford. */
import { expect, it } from 'vitest';
import { protocols } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { explore } from '../../src/verify/explore.js';
import {
  appending,
  defaultBounds,
  type PureHandler,
  type Scenario,
  sink,
  strongStores,
} from '../../src/verify/scenario.js';

const limits = { timeMs: 120_000, mostStates: 5_000_000 };
const all = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const;
const little = { ...defaultBounds, copies: 1, crashes: 1, unknowns: 0, attempts: 2 };

function scenario(
  name: ProtocolName,
  changes: Partial<Scenario> & { handler?: PureHandler },
): Scenario {
  const { handler = appending, ...rest } = changes;
  return {
    endpoints: [{ name: 'orders', protocol: protocols[name], handler }],
    entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
    ...{ stores: strongStores, bounds: little, wrongs: {}, ...rest },
  };
}

async function verdict(asked: Scenario) {
  const { verdict: word, found } = await explore(asked, limits);
  return found ? `${found.invariant}: ${found.text}` : word;
}

const toTwo: PureHandler = ({ id }, before) => ({
  state: before + id,
  sends: [
    { to: sink, body: `${id} to the first` },
    { to: sink, body: `${id} to the second` },
  ],
});

it.each(all)('%s: two outgoing messages, to two subscribers', async (name) => {
  expect(await verdict(scenario(name, { handler: toTwo }))).toBe('holds');
});

/** Says another thing in every attempt. */
const fickle: PureHandler = ({ id }, before, transaction) => ({
  state: `${before}${id} by ${transaction}`,
  sends: [{ to: sink, body: `decided by ${transaction}` }],
});

it.each(all)('%s: a handler that decides anew in every attempt', async (name) => {
  expect(await verdict(scenario(name, { handler: fickle }))).toBe('holds');
});

/** FireAt, MoveTarget, FireAt again: the retry of a shot must not see where the target has gone. */
const shooting: PureHandler = ({ body }, before) => {
  const target = before || 'here';
  if (body === 'move') return { state: 'gone', sends: [] };
  return { state: target, sends: [{ to: sink, body: target === 'here' ? 'hit' : 'missed' }] };
};

it.each(all)('%s: alternative worlds, one of them told', async (name) => {
  const entered = ['fire', 'move'].map((body) => ({
    id: body,
    endpoint: 'orders',
    key: 'k',
    body,
  }));
  expect(await verdict(scenario(name, { handler: shooting, entered }))).toBe('holds');
});

const on =
  (to: string): PureHandler =>
  ({ id }, before) => ({ state: before + id, sends: [{ to, body: id }] });

it.each(all)('%s: a chain of three', async (name) => {
  const protocol = protocols[name];
  const endpoints = [
    { name: 'orders', protocol, handler: on('billing') },
    { name: 'billing', protocol, handler: on('shipping') },
    { name: 'shipping', protocol, handler: appending },
  ];
  const bounds = { ...little, workers: 1 };
  expect(await verdict(scenario(name, { endpoints, bounds }))).toBe('holds');
});
