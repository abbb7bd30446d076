/** How each backend is opened, from what a profile says: a line for a new one. */
import type { OpenedStores, PortName } from '../engine/backend.js';
import type { BackendName, Profile } from '../profile/types.js';
import { dynamodbOptions, s3Options, sqsOptions } from './aws-options.js';
import { type IslandPlan, layoutOf, schemaOf } from './backends.js';

export interface OpenerOptions {
  readonly profile: Profile;
  readonly plan: IslandPlan;
  readonly ports: readonly PortName[];
  readonly worker: string;
  readonly maintain: boolean;
}

type Opener = (options: OpenerOptions) => Promise<OpenedStores>;

/** Backends are loaded when they are used: none costs the start of a command that needs another. */
export const openers: Readonly<Record<BackendName, Opener>> = {
  embedded: async ({ profile, plan, worker, maintain }) => {
    const { openEmbedded } = await import('../backends/embedded/index.js');
    const { embedded } = plan.stores;
    const { parts, ...opened } = await openEmbedded({
      folder: plan.folder,
      worker,
      layout: layoutOf(plan),
      gatherMs: embedded.gatherMs,
      mapSizeBytes: embedded.mapSizeBytes,
      retentionMs: profile.deployment.retentionMs,
      maintain,
    });
    return { ...opened, evidence: parts };
  },
  noop: async () => {
    const { openNoop } = await import('../backends/noop/index.js');
    const none = { evidence: {}, upkeep: {}, counts: () => ({}), storeBytes: async () => 0 };
    return { ...none, ports: openNoop(), close: async () => {} };
  },
  postgres: async ({ profile, plan, ports, worker, maintain }) => {
    const { openPostgres } = await import('../backends/postgres/index.js');
    const { url, connections, gatherMs } = plan.stores.postgres;
    return openPostgres({
      ...{ ports, url, connections, gatherMs, worker, maintain },
      schema: schemaOf(plan.stores),
      retentionMs: profile.deployment.retentionMs,
    });
  },
  sqs: async ({ profile, plan, worker }) => {
    const { openSqs } = await import('../backends/aws/sqs/index.js');
    return openSqs(sqsOptions(profile, plan, worker));
  },
  s3: async (options) => {
    const { openS3 } = await import('../backends/aws/s3/index.js');
    return openS3(s3Options(options));
  },
  dynamodb: async (options) => {
    const { openDynamodb } = await import('../backends/aws/dynamodb/index.js');
    return openDynamodb(dynamodbOptions(options));
  },
};
