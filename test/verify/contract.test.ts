/** Who can send to whom: each cell of the design's table, explored. */
import { beforeAll, expect, it } from 'vitest';
import { type ProtocolName, protocolNames } from '../../src/engine/protocols/names.js';
import { type Cell, checkContract } from '../../src/verify/contract.js';

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

let cells: Cell[];

beforeAll(async () => {
  cells = await checkContract(limits);
}, 120_000);

it.each(protocolNames)('%s as a producer', (producer) => {
  const found = [...consumers, 'local-transaction', 'none'].map(
    (consumer) =>
      cells.find((cell) => cell.producer === producer && cell.consumer === consumer)?.verdict,
  );
  expect(found).toEqual(table[producer]);
});
