/** Opens the stores that a profile names. A new backend adds a line to `openers`. */
import type { EvidenceSource } from '../engine/evidence.js';
import type { Ports } from '../engine/ports.js';
import type { BackendName, Profile } from '../profile/types.js';

export interface OpenedDeployment {
  readonly ports: Ports;
  /** null: this backend keeps nothing to audit. */
  readonly evidence: EvidenceSource | null;
  /** Flushes and operations by store. */
  readonly counts: () => Readonly<Record<string, { flushes: number; operations: number }>>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly profile: Profile;
  /** Folder of an embedded deployment. */
  readonly folder: string;
  readonly worker: string;
  /** Purge what is overdue. */
  readonly maintain: boolean;
}

type Opener = (options: OpenOptions) => Promise<OpenedDeployment>;

const openers: Readonly<Record<BackendName, Opener>> = {
  embedded: async ({ profile, folder, worker, maintain }) => {
    const { openEmbedded } = await import('../backends/embedded/index.js');
    const { embedded, retentionMs, endpoints } = profile.deployment;
    const isIsland = endpoints.some(({ protocol }) => protocol === 'local-transaction');
    return openEmbedded({
      folder,
      worker,
      layout: isIsland ? 'island' : 'separate',
      gatherMs: embedded.gatherMs,
      mapSizeBytes: embedded.mapSizeBytes,
      retentionMs,
      maintain,
    });
  },
  noop: async () => {
    const { openNoop } = await import('../backends/noop/index.js');
    return { ports: openNoop(), evidence: null, counts: () => ({}), close: async () => {} };
  },
};

/** Opens all four ports. Rejects with the backend's own error (`format`, `unreachable`, ...). */
export function openDeployment(options: OpenOptions): Promise<OpenedDeployment> {
  return openers[options.profile.deployment.broker](options);
}
