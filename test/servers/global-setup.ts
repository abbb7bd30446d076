/**
 * Starts the servers once for all files of a run, in parallel, and tells the files where they are. One
 * that cannot start fails the run; DynamoDB Local may be missing, which is said loudly. Set
 * ONCECTL_TEST_SERVERS to the names of those wanted, with commas, to start no others.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { RunningServer, ServerName } from '../../src/dev/server.js';
import { serverNames, startServer } from '../../src/dev/start.js';
import type { ProvidedServers } from './provided.js';
import { temporaryFolder } from './temporary-folder.js';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = temporaryFolder();
  const outcomes = await Promise.allSettled(
    wanted().map((name) => startServer(name, { folder: join(folder, name) })),
  );
  const running = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' && outcome.value ? [outcome.value] : [],
  );
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  project.provide('servers', provided(running));
  return stop;
}

function wanted(): ServerName[] {
  const names = process.env['ONCECTL_TEST_SERVERS']?.split(',');
  const unknown = names?.find((name) => !serverNames.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`no server is named ${unknown}: ${serverNames}`);
  return serverNames.filter((name) => names?.includes(name) ?? true);
}

function provided(running: readonly RunningServer[]): ProvidedServers {
  if (wanted().includes('dynamodb-local') && !running.some(isDynamodbLocal)) warn();
  return Object.fromEntries(running.map(({ name, environment }) => [name, environment]));
}

const isDynamodbLocal = ({ name }: RunningServer): boolean => name === 'dynamodb-local';

function warn(): void {
  process.stderr.write(`
  ************************************************************************************
  NOT TESTED on Amazon's DynamoDB Local: this machine has no Java development kit 17+.
  ************************************************************************************

`);
}
