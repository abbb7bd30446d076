/** Dead letters on real servers: discarded, edited, retried, and the audit is clean. */
import { beforeAll, it } from 'vitest';
import type { Environment } from '../../src/dev/server.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { environmentOf } from '../servers/provided.js';
import { discardEditRetry } from './dead.js';
import { isFull } from './length.js';
import { inFolder } from './operator.js';

const longestMs = 300_000;

beforeAll(() => {
  const servers: readonly Environment[] = [
    environmentOf('postgres-18'),
    environmentOf('sqs-s3'),
    environmentOf('dynamodb'),
  ];
  Object.assign(process.env, ...servers);
});

type Pair = readonly [ProtocolName, string];

const byBackend: Readonly<Record<string, readonly ProtocolName[]>> = {
  postgres: ['local-transaction', 'outbox', 'dedupe-store', 'token', 'register-commit-publish'],
  'sqs-s3': ['dedupe-store', 'token', 'register-commit-publish'],
  'sqs-dynamodb': ['outbox', 'dedupe-store', 'token', 'register-commit-publish'],
};

const full: readonly Pair[] = Object.entries(byBackend).flatMap(([backend, protocols]) =>
  protocols.map((protocol): Pair => [protocol, backend]),
);

it.runIf(isFull).each(full)(
  '%s on %s: one is discarded, one edited, the others retried',
  (protocol, backend) => {
    const rate = backend === 'postgres' ? '40/s' : '10/s';
    return inFolder((folder) => discardEditRetry(folder, protocol, { backend, rate }));
  },
  longestMs,
);
