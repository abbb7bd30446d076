import { openPostgres, postgresProvisioner } from '../../src/backends/postgres/index.js';
import { evidenceOf } from '../../src/engine/evidence.js';
import { environmentOf, variable } from '../servers/provided.js';
import type { Capabilities, Subject } from './case.js';
import { id } from './fixtures.js';
import { Peer } from './peer/client.js';
import { conformance } from './suite.js';

const capabilities: Capabilities = {
  shortLease: 150,
  patience: 10_000,
  largestBody: Number.POSITIVE_INFINITY,
};

/** A new schema in the server's database, and peers in processes of their own that open it too. */
async function open(server: 'postgres-14' | 'postgres-18'): Promise<Subject> {
  const environment = environmentOf(server);
  const [port, user] = [variable(environment, 'PGPORT'), variable(environment, 'PGUSER')];
  const url = `postgres://${user}@127.0.0.1:${port}/${variable(environment, 'PGDATABASE')}`;
  const target = { url, schema: `conformance_${id().toLowerCase()}` };
  const provisioner = postgresProvisioner(target);
  await provisioner.create();
  const deployment = await openPostgres({
    ...target,
    ports: ['broker', 'business', 'dedupe', 'payload'],
    worker: 'own',
    retentionMs: 3_600_000,
    maintain: true,
  });
  const { broker, business, dedupe, payload, island } = deployment.ports;
  const { evidence, upkeep } = deployment;
  if (!broker || !business || !dedupe || !payload || !island) throw new Error('a port is missing');
  if (!evidence.broker || !evidence.business || !evidence.dedupe || !evidence.payload) {
    throw new Error('a part of the evidence is missing');
  }
  if (!upkeep.broker || !upkeep.business || !upkeep.dedupe || !upkeep.payload) {
    throw new Error('a part of the upkeep is missing');
  }
  const { broker: queues, business: entries, dedupe: records, payload: payloads } = upkeep;
  const peers: Peer[] = [];
  let isOpen = true;
  return {
    ports: { broker, business, dedupe, payload, island },
    evidence: evidenceOf({
      broker: evidence.broker,
      business: evidence.business,
      dedupe: evidence.dedupe,
      payload: evidence.payload,
    }),
    upkeep: { broker: queues, business: entries, dedupe: records, payload: payloads },
    peer: async () => {
      const peer = await Peer.start({ backend: 'postgres', options: target });
      peers.push(peer);
      return peer.ports;
    },
    close: async () => {
      for (const peer of peers.splice(0)) await peer.kill();
      await deployment.close();
      if (isOpen) await provisioner.remove();
      isOpen = false;
      await provisioner.close();
    },
  };
}

conformance('PostgreSQL 18', () => open('postgres-18'), capabilities);
conformance('PostgreSQL 14', () => open('postgres-14'), capabilities);
