/** Every server by its name. */
import { startDynamodb } from './dynamodb.js';
import { startDynamodbLocal } from './dynamodb-local.js';
import { startPostgres } from './postgres.js';
import type { RunningServer, ServerName, ServerOptions } from './server.js';
import { startSqsS3 } from './sqs-s3.js';

type Start = (options: ServerOptions) => Promise<RunningServer | null>;

const starts: Readonly<Record<ServerName, Start>> = {
  'postgres-18': (options) => startPostgres({ ...options, version: '18' }),
  'postgres-14': (options) => startPostgres({ ...options, version: '14' }),
  'sqs-s3': startSqsS3,
  dynamodb: startDynamodb,
  'dynamodb-local': startDynamodbLocal,
};

export const serverNames = Object.keys(starts) as ServerName[];

/** Starts one; null for `dynamodb-local` without a Java for it. */
export function startServer(
  name: ServerName,
  options: ServerOptions,
): Promise<RunningServer | null> {
  return starts[name](options);
}
