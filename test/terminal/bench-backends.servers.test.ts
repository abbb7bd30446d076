/**
 * Protocols and backends in pairs, each step of the protocol killed once, through the built CLI on real
 * servers of this machine. Correctness is judged; a busy machine may find the generator behind (103).
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Environment } from '../../src/dev/server.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { BenchFolder, runBench } from '../bench/bench-cli.js';
import { expectStruck, resultOf } from '../bench/faulty-outcome.js';
import { type FaultyVariation, faultyProfile } from '../bench/faulty-profile.js';
import { environmentOf } from '../servers/provided.js';

const longestMs = 180_000;
let folder: BenchFolder;

beforeAll(async () => {
  folder = await BenchFolder.create();
  const servers: readonly Environment[] = [
    environmentOf('postgres-18'),
    environmentOf('sqs-s3'),
    environmentOf('dynamodb'),
  ];
  Object.assign(process.env, ...servers);
});

afterAll(() => folder.remove());

/** SQS counts leases in seconds, and a worker with three clients of AWS takes longer to start. */
const onAws = { rate: '5/s', betweenMs: 1500, stallMs: 5000, share: '8 %' };
const visibility = '2s';

const pairs: ReadonlyArray<readonly [ProtocolName, string, FaultyVariation]> = [
  ['local-transaction', 'postgres', { deployment: { backend: 'postgres' } }],
  ['outbox', 'postgres', { deployment: { backend: 'postgres' } }],
  ['register-commit-publish', 'postgres', { deployment: { backend: 'postgres' } }],
  ['token', 'sqs-s3', { ...onAws, deployment: { backend: 'sqs-s3', visibility } }],
  [
    'dedupe-store',
    'sqs-dynamodb',
    { ...onAws, deployment: { backend: 'sqs-dynamodb', visibility } },
  ],
  [
    'dedupe-store',
    'SQS, PostgreSQL and S3',
    { ...onAws, deployment: { broker: 'sqs', business: 'postgres', dedupe: 's3', visibility } },
  ],
];

it.each(pairs)(
  '%s on %s: each step killed once, nothing lost, applied twice or leaked, and nothing left',
  async (protocol, _, variation) => {
    const path = await folder.write('profile.yaml', faultyProfile(protocol, variation));
    const ended = await runBench(folder, 'run', path, '--json', '--out', folder.runs);
    const result = await resultOf(folder, ended);
    const { correctness, drained, generator } = result;
    const wrong = JSON.stringify(correctness?.firstViolations, null, 1);
    expect(correctness?.clean, wrong).toBe(true);
    expect(drained, ended.stderr).toBe(true);
    expect(correctness?.pending).toBe(0);
    expect(ended.code, result.verdict.generator).toBe(generator.valid ? 0 : 103);
    expectStruck(protocol, result);
  },
  longestMs,
);
