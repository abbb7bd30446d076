/** Servers, roles and schemas for the tests of the PostgreSQL backend. */
import { Client } from 'pg';
import {
  openPostgres,
  type PostgresProvisionerOptions,
  postgresProvisioner,
} from '../../src/backends/postgres/index.js';
import type { OpenedStores } from '../../src/engine/backend.js';
import type { Broker, BusinessStore, Island } from '../../src/engine/ports.js';
import { id } from '../conformance/fixtures.js';
import { environmentOf, variable } from '../servers/provided.js';

export const allPorts = ['broker', 'business', 'dedupe', 'payload'] as const;

/** Address of the server of this run; by the unprivileged role unless told otherwise. */
export function urlOf({ user = 'oncectl', port = portOf(), database = 'oncectl' } = {}): string {
  return `postgres://${user}@127.0.0.1:${port}/${database}`;
}

export function portOf(server: 'postgres-14' | 'postgres-18' = 'postgres-18'): number {
  return Number(variable(environmentOf(server), 'PGPORT'));
}

export function freshSchema(): string {
  return `test_${id().toLowerCase()}`;
}

/** Runs SQL as the superuser, in the database of the tests. */
export async function asSuperuser(sql: string, port = portOf()): Promise<void> {
  await withClient(urlOf({ user: 'postgres', port }), async (client) => {
    await client.query(sql);
  });
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function create(options: PostgresProvisionerOptions): Promise<void> {
  const provisioner = postgresProvisioner(options);
  try {
    await provisioner.create();
  } finally {
    await provisioner.close();
  }
}

export interface Stores {
  readonly broker: Broker;
  readonly business: BusinessStore;
  readonly island: Island;
  readonly opened: OpenedStores;
}

/** All ports, opened; whoever opens closes `opened`. */
export async function open(options: PostgresProvisionerOptions): Promise<Stores> {
  const opened = await openPostgres({
    ...options,
    ports: allPorts,
    worker: 'own',
    retentionMs: 3_600_000,
    maintain: false,
  });
  const { broker, business, island } = opened.ports;
  if (!broker || !business || !island) throw new Error('a port is missing');
  return { broker, business, island, opened };
}
