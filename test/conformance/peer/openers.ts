/** How a peer opens each backend. A row a backend: its options travel as JSON. */
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { openPostgres } from '../../../src/backends/postgres/index.js';
import type { Ports } from '../../../src/engine/ports.js';

interface Openers {
  embedded: { readonly folder: string; readonly layout: 'separate' | 'island' };
  postgres: { readonly url: string; readonly schema: string };
}

export type PeerTarget = {
  readonly [B in keyof Openers]: { readonly backend: B; readonly options: Openers[B] };
}[keyof Openers];

type Open = { readonly [B in keyof Openers]: (options: Openers[B]) => Promise<Partial<Ports>> };

const worker = `peer-${process.pid}`;

const openers: Open = {
  embedded: async (options) => (await openEmbedded({ ...options, worker })).ports,
  postgres: async (options) => {
    const ports = ['broker', 'business', 'dedupe', 'payload'] as const;
    const opened = { ...options, ports, worker, retentionMs: 3_600_000, maintain: false };
    return (await openPostgres(opened)).ports;
  },
};

export function openTarget<B extends keyof Openers>(target: {
  readonly backend: B;
  readonly options: Openers[B];
}): Promise<Partial<Ports>> {
  return openers[target.backend](target.options);
}
