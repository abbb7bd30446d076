/**
 * The same on real servers: in the short form one pair, in full every pair. On SQS a minute goes by until
 * what the workers left leased can be counted.
 */
import { beforeAll, describe, it } from 'vitest';
import type { Environment } from '../../src/dev/server.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { environmentOf } from '../servers/provided.js';
import { isFull } from './length.js';
import { findExplainRepair, inFolder, repairTwiceAtOnce } from './operator.js';
import type { StoppedVariation } from './stopped.js';

const longestMs = 400_000;

beforeAll(() => {
  const servers: readonly Environment[] = [
    environmentOf('postgres-18'),
    environmentOf('sqs-s3'),
    environmentOf('dynamodb'),
  ];
  Object.assign(process.env, ...servers);
});

/** A worker with three clients of AWS takes longer to start, and the emulators carry little. */
const onAws = { rate: '5/s', betweenMs: 2000 };
const onPostgres = {};
type Pair = readonly [ProtocolName, string, StoppedVariation];

const short: readonly Pair[] = [
  ['outbox', 'postgres', { ...onPostgres, deployment: { backend: 'postgres' } }],
];

const byBackend: Readonly<Record<string, readonly ProtocolName[]>> = {
  postgres: ['local-transaction', 'outbox', 'dedupe-store', 'token', 'register-commit-publish'],
  'sqs-s3': ['dedupe-store', 'token', 'register-commit-publish'],
  'sqs-dynamodb': ['outbox', 'dedupe-store', 'token', 'register-commit-publish'],
};

const full: readonly Pair[] = Object.entries(byBackend).flatMap(([backend, protocols]) =>
  protocols.map((protocol): Pair => {
    const variation = backend === 'postgres' ? onPostgres : onAws;
    return [protocol, backend, { ...variation, deployment: { backend } }];
  }),
);

describe('stopped at every step', () => {
  it.each(isFull ? full : short)(
    '%s on %s: found, explained, repaired, clean',
    (protocol, _, variation) =>
      inFolder((folder) => findExplainRepair(folder, protocol, variation)),
    longestMs,
  );
});

describe.runIf(isFull)('two repairs at once', () => {
  it.each(full)(
    '%s on %s: each item is done once between them',
    (protocol, _, variation) =>
      inFolder((folder) => repairTwiceAtOnce(folder, protocol, variation)),
    longestMs,
  );
});
