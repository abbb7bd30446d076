/** What the set-up of the servers provides to the test files. */
import { inject } from 'vitest';
import type { AwsOptions } from '../../src/backends/aws/shared/client.js';
import type { Environment, ServerName } from '../../src/dev/server.js';

export type ProvidedServers = Readonly<Partial<Record<ServerName, Environment>>>;

declare module 'vitest' {
  export interface ProvidedContext {
    servers: ProvidedServers;
  }
}

/** `npm run test:cloud`: what the AWS variables name, in place of servers that this run starts. */
export const inCloud = process.env['ONCECTL_TEST_CLOUD'] === '1';

/** Variables that make a client find the server that this run started; none in the cloud. */
export function environmentOf(name: Exclude<ServerName, 'dynamodb-local'>): Environment {
  if (inCloud) return {};
  const environment = inject('servers')[name];
  if (environment === undefined) throw new Error(`${name} was not started: see global-setup.ts`);
  return environment;
}

/** The same for DynamoDB Local; null on a machine without a Java development kit. */
export function dynamodbLocal(): Environment | null {
  return inject('servers')['dynamodb-local'] ?? null;
}

/** Where a service of AWS is; in the cloud all of it is left to the AWS variables. */
export function awsOf(environment: Environment, endpointVariable: string): AwsOptions {
  if (inCloud) return { region: null, endpoint: null, profile: null };
  return {
    region: variable(environment, 'AWS_REGION'),
    endpoint: variable(environment, endpointVariable),
    profile: null,
  };
}

/** A variable of an environment. */
export function variable(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
