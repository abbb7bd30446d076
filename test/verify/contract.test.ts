/** Who can send to whom: each cell of the design's table, explored. */
import { beforeAll, expect, it } from 'vitest';
import { bridge, protocols } from '../../src/engine/protocols/index.js';
import { type ProtocolName, protocolNames } from '../../src/engine/protocols/names.js';
import { type Cell, checkContract } from '../../src/verify/contract.js';
import { explore } from '../../src/verify/explore.js';
import {
  appending,
  defaultBounds,
  forwardingTo,
  type Scenario,
  strongStores,
} from '../../src/verify/scenario.js';

const limits = { timeMs: 120_000, mostStates: 5_000_000 };
const [ok, doubles, dropped] = ['ok', 'doubles', 'everything dropped'] as const;
const consumers = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const;

/** For outbox, dedupe-store, token, register-commit-publish; then local-transaction, none. */
const table: Readonly<Record<ProtocolName, readonly string[]>> = {
  none: [doubles, doubles, dropped, dropped, doubles, doubles],
  outbox: [ok, ok, dropped, dropped, doubles, doubles],
  'dedupe-store': [ok, ok, dropped, dropped, doubles, doubles],
  token: [ok, ok, ok, ok, doubles, doubles],
  'register-commit-publish': [ok, ok, ok, ok, doubles, doubles],
  'local-transaction': [ok, ok, dropped, dropped, ok, doubles],
};

/** With a bridge in between, for the same consumers: a producer without stable ids stays one. */
const bridged: Readonly<Record<ProtocolName, readonly string[]>> = {
  none: [doubles, doubles, doubles, doubles, doubles, doubles],
  outbox: [ok, ok, ok, ok, ok, doubles],
  'dedupe-store': [ok, ok, ok, ok, ok, doubles],
  token: [ok, ok, ok, ok, ok, doubles],
  'register-commit-publish': [ok, ok, ok, ok, ok, doubles],
  'local-transaction': [ok, ok, ok, ok, ok, doubles],
};

let cells: Cell[];

beforeAll(async () => {
  cells = await checkContract(limits);
}, 120_000);

it.each(protocolNames)('%s as a producer', (producer) => {
  const found = [...consumers, 'local-transaction', 'none'].map((consumer) =>
    cells.find((cell) => cell.producer === producer && cell.consumer === consumer),
  );
  expect(found.map((cell) => cell?.verdict)).toEqual(table[producer]);
  expect(found.map((cell) => cell?.bridged)).toEqual(bridged[producer]);
});

/** Three protocols in a row, with all that may befall the bridge: the steps of it are what is proven. */
it.each([
  ['id', 'local-transaction', 'outbox'],
  ['id', 'token', 'dedupe-store'],
  ['token', 'outbox', 'token'],
  ['transaction', 'token', 'local-transaction'],
] as const)('a bridge by %s from %s to %s, with copies and late writes', async (to, from, into) => {
  const handler = forwardingTo('billing');
  const scenario: Scenario = {
    endpoints: [
      { name: 'orders', protocol: protocols[from], handler: forwardingTo('bridge') },
      { name: 'bridge', protocol: bridge(to), handler },
      { name: 'billing', protocol: protocols[into], handler: appending },
    ],
    entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
    stores: strongStores,
    bounds: { ...defaultBounds, workers: 1, copies: 2, crashes: 1, unknowns: 1, attempts: 2 },
    wrongs: {},
  };
  const { verdict, found } = await explore(scenario, limits);
  expect(found?.text ?? verdict).toBe('holds');
});

it('a bridge that dispatches into a database instead of entering it doubles', async () => {
  const scenario: Scenario = {
    endpoints: [
      { name: 'orders', protocol: bridge('id'), handler: forwardingTo('billing') },
      { name: 'billing', protocol: protocols['local-transaction'], handler: appending },
    ],
    entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
    stores: strongStores,
    bounds: { ...defaultBounds, crashes: 1 },
    wrongs: {},
  };
  expect((await explore(scenario, limits)).found?.invariant).toBe('I2');
});
