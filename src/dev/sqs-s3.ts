/** SQS and S3 on this machine: fauxqs, which needs Node 22.5 or newer. */
import { join, resolve } from 'node:path';
import { awsClient } from './aws-client.js';
import { packageFolder, serversHome } from './home.js';
import { launch } from './launch.js';
import type { RunningServer, ServerOptions, ServerPlan } from './server.js';

/** Starts SQS and S3 on one port of 127.0.0.1; queues, messages and objects survive a restart. */
export function startSqsS3(options: ServerOptions): Promise<RunningServer> {
  const folder = resolve(options.folder);
  return launch(planOf(folder, serversHome()), options);
}

function planOf(folder: string, home: string): ServerPlan {
  const node = newerNode(home);
  return {
    name: 'sqs-s3',
    folder,
    keepsData: true,
    tellsPort: true,
    readyLine: /listening on 127\.0\.0\.1:(\d+)\s/,
    busyLine: null,
    cleanSignal: 'SIGTERM',
    orphanSignal: 'SIGKILL',
    command: (port) => ({
      file: node,
      args: ['--no-warnings', join(home, 'sqs-s3.mjs'), String(port), join(folder, 'data')],
    }),
    environment: (port) => ({
      AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      ...awsClient,
    }),
  };
}

/** This Node when it is new enough, otherwise the one among the packages (Linux x64 only). */
function newerNode(home: string): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 5)) return process.execPath;
  return join(packageFolder(home, 'node22'), 'bin', 'node');
}
