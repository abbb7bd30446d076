/** What the set-up of the servers provides to the test files. */
import { inject } from 'vitest';
import type { Environment, ServerName } from '../../src/dev/server.js';

export type ProvidedServers = Readonly<Partial<Record<ServerName, Environment>>>;

declare module 'vitest' {
  export interface ProvidedContext {
    servers: ProvidedServers;
  }
}

/** Variables that make a client find the server that this run started. */
export function environmentOf(name: Exclude<ServerName, 'dynamodb-local'>): Environment {
  const environment = inject('servers')[name];
  if (environment === undefined) throw new Error(`${name} was not started: see global-setup.ts`);
  return environment;
}

/** The same for DynamoDB Local; null on a machine without a Java development kit. */
export function dynamodbLocal(): Environment | null {
  return inject('servers')['dynamodb-local'] ?? null;
}

/** A variable of an environment. */
export function variable(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
