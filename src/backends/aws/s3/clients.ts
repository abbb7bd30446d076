/**
 * Two clients of one account: one repeats what failed, slower and slower; one sends everything once.
 * What must not be repeated unseen goes through the second: payload puts (rule R6) and conditional
 * writes, which are repeated by `conditional-write.ts`, with the means to tell what took place.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { type Attempts, watchAttempts } from '../shared/attempts.js';
import { type AwsOptions, clientConfig, needsPathStyle } from '../shared/client.js';

export interface Clients {
  readonly repeating: S3Client;
  readonly once: S3Client;
  /** The server's clock less ours at the last answer, ms; null before the first. */
  readonly clockSkewMs: () => number | null;
  destroy(): void;
}

export function openClients(aws: AwsOptions): Clients {
  const forcePathStyle = needsPathStyle(aws);
  const repeating = new S3Client({ ...clientConfig('s3', aws), forcePathStyle });
  const once = new S3Client({ ...clientConfig('s3', aws, { once: true }), forcePathStyle });
  const seen: readonly Attempts[] = [repeating, once].map(watchAttempts);
  return {
    repeating,
    once,
    clockSkewMs: () => seen.map((one) => one.clockSkewMs).find((skew) => skew !== null) ?? null,
    destroy: () => {
      repeating.destroy();
      once.destroy();
    },
  };
}
