import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../../src/backends/embedded/index.js';
import type { Capabilities, Part, Subject } from './case.js';
import { Peer } from './peer/client.js';
import { conformance } from './suite.js';

type Layout = 'separate' | 'island';

const capabilities: Capabilities = {
  shortLease: 150,
  patience: 10_000,
  largestBody: Number.POSITIVE_INFINITY,
};

/** A new folder, and peers in processes of their own that open the same one. */
async function open(layout: Layout): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-conformance-'));
  const deployment = await openEmbedded({ folder, layout, worker: 'own' });
  const peers: Peer[] = [];
  return {
    ports: deployment.ports,
    evidence: deployment.evidence,
    upkeep: deployment.upkeep,
    peer: async () => {
      const peer = await Peer.start({ backend: 'embedded', options: { folder, layout } });
      peers.push(peer);
      return peer.ports;
    },
    close: async () => {
      for (const peer of peers.splice(0)) await peer.kill();
      await deployment.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const withoutIsland: readonly Part[] = [
  'broker',
  'business',
  'dedupe',
  'payload',
  'evidence',
  'upkeep',
  'life',
];

conformance('embedded, separate stores', () => open('separate'), {
  ...capabilities,
  parts: withoutIsland,
});
conformance('embedded, one database', () => open('island'), capabilities);
