/** How a peer opens each backend. A row a backend: its options travel as JSON. */
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { openPostgres } from '../../../src/backends/postgres/index.js';
import type { Ports } from '../../../src/engine/ports.js';
import { type DynamodbTarget, openWithDynamodb } from './with-dynamodb.js';
import { openWithS3, type S3Target } from './with-s3.js';
import { openWithSqs, type SqsTarget } from './with-sqs.js';

interface Openers {
  dynamodb: DynamodbTarget;
  embedded: { readonly folder: string; readonly layout: 'separate' | 'island' };
  postgres: { readonly url: string; readonly schema: string };
  s3: S3Target;
  sqs: SqsTarget;
}

export type PeerTarget = {
  readonly [B in keyof Openers]: { readonly backend: B; readonly options: Openers[B] };
}[keyof Openers];

type Open = { readonly [B in keyof Openers]: (options: Openers[B]) => Promise<Partial<Ports>> };

const worker = `peer-${process.pid}`;

const openers: Open = {
  dynamodb: async (options) => (await openWithDynamodb(options, worker)).ports,
  embedded: async (options) => (await openEmbedded({ ...options, worker })).ports,
  postgres: async (options) => {
    const ports = ['broker', 'business', 'dedupe', 'payload'] as const;
    const opened = { ...options, ports, worker, retentionMs: 3_600_000, maintain: false };
    return (await openPostgres(opened)).ports;
  },
  s3: async (options) => (await openWithS3(options, worker)).ports,
  sqs: async (options) => (await openWithSqs(options, worker)).ports,
};

export function openTarget<B extends keyof Openers>(target: {
  readonly backend: B;
  readonly options: Openers[B];
}): Promise<Partial<Ports>> {
  return openers[target.backend](target.options);
}
