/** What opens the S3 stores of one deployment. */
import type { AwsOptions } from '../shared/client.js';

export type S3Port = 'business' | 'dedupe' | 'payload';

export interface S3Options {
  readonly aws: AwsOptions;
  readonly ports: readonly S3Port[];
  readonly bucket: string;
  /** Of all names of the deployment; no slash at its ends. */
  readonly prefix: string;
  /** Name of this process, kept in the records it writes. */
  readonly worker: string;
  /** How long dedupe records, and commit records that no audit takes, are kept, ms. */
  readonly retentionMs: number;
  /** Clears away stale markers in the background. Workers do; a command that only looks does not. */
  readonly maintain: boolean;
  /** Keeps commit records for the audit. */
  readonly audit: boolean;
}
