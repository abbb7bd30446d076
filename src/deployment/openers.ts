/** How each backend is opened, from what a profile says: a line for a new one. */
import type { OpenedStores, PortName } from '../engine/backend.js';
import { OncectlError } from '../engine/errors.js';
import type { BackendName, Profile } from '../profile/types.js';
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
    const none = { evidence: {}, counts: () => ({}), storeBytes: async () => 0 };
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
  sqs: notYet,
  s3: notYet,
  dynamodb: notYet,
};

async function notYet(): Promise<never> {
  throw new OncectlError('profile', 'this backend is not in this version');
}
