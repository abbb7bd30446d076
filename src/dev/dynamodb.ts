/** DynamoDB on this machine, in JavaScript: dynalite. It has no transactions and no expiry. */
import { join, resolve } from 'node:path';
import { awsClient } from './aws-client.js';
import { packageFolder, serversHome } from './home.js';
import { launch } from './launch.js';
import type { RunningServer, ServerOptions } from './server.js';

/** Starts it on 127.0.0.1; tables and items survive a restart. */
export async function startDynamodb(options: ServerOptions): Promise<RunningServer> {
  const folder = resolve(options.folder);
  const home = serversHome();
  packageFolder(home, 'dynalite');
  const program = join(home, 'dynamodb.mjs');
  const plan = {
    name: 'dynamodb',
    folder,
    keepsData: true,
    tellsPort: true,
    readyLine: /listening on 127\.0\.0\.1:(\d+)\s/,
    busyLine: null,
    cleanSignal: 'SIGTERM',
    orphanSignal: 'SIGKILL',
    command: (port: number) => ({
      file: process.execPath,
      args: [program, String(port), join(folder, 'data')],
    }),
    environment: (port: number) => ({
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
      ...awsClient,
    }),
  } as const;
  return await launch(plan, options);
}
