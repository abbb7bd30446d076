/** `oncectl dev`: servers that live on when the command is over. */
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { alone } from './alone.js';
import { hasJavaKit } from './dynamodb-local.js';
import { isFree } from './free-port.js';
import { readyPackages } from './packages.js';
import type { Part } from './parts.js';
import { removeData } from './postgres.js';
import { refuseWithoutBinaries } from './postgres-binaries.js';
import { end, isRunning, markOf } from './process.js';
import { readRecords, type ServerRecord, writeRecords } from './records.js';
import type { RunningServer, ServerName } from './server.js';
import { startServer } from './start.js';

export interface Started {
  readonly servers: readonly ServerRecord[];
  readonly warnings: readonly string[];
}

/**
 * Starts what does not run yet, on the port it had before where that is free. Resolves when all
 * answer; when one cannot start, the others run nevertheless.
 *
 * @param say is told what takes long
 */
export async function startParts(
  wanted: readonly Part[],
  folder: string,
  say: (text: string) => void,
): Promise<Started> {
  if (wanted.includes('postgres')) refuseWithoutBinaries('18');
  return await alone(join(folder, 'lock'), async () => {
    const known = readRecords(folder);
    const names = await Promise.all(wanted.map((part) => serverOf(part, known)));
    if (names.some((name) => !runs(known, name))) await readyPackages(say);
    const outcomes = await Promise.allSettled(
      names.map((name) => ensure(name, folder, known, say)),
    );
    const servers = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const others = known.filter(({ name }) => !servers.some((server) => server.name === name));
    writeRecords(folder, [...others, ...servers]);
    const failed = outcomes.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return { servers, warnings: names.includes('dynamodb') ? [noTransactions] : [] };
  });
}

const noTransactions =
  'without a Java development kit 17+, DynamoDB is dynalite, which has no transactions';

export interface ServerState extends ServerRecord {
  readonly running: boolean;
}

/** What was started in a folder, and whether it still runs. */
export function stateOf(folder: string): ServerState[] {
  const states = readRecords(folder).map((record) => ({ ...record, running: isRunning(record) }));
  return states.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Ends all servers of a folder; with `clean` their data goes too. Returns those that ran. */
export async function stopServers(folder: string, clean: boolean): Promise<ServerState[]> {
  if (!existsSync(folder)) return [];
  return await alone(join(folder, 'lock'), async () => {
    const states = stateOf(folder);
    await Promise.all(states.map((record) => end(record, record.cleanSignal)));
    if (clean) {
      for (const { folder: data } of states) removeData(data);
      rmSync(folder, { recursive: true });
    }
    return states.filter(({ running }) => running);
  });
}

/** DynamoDB Local where there is Java for it: it has all that the real one has. */
async function serverOf(part: Part, known: readonly ServerRecord[]): Promise<ServerName> {
  if (part === 'postgres') return 'postgres-18';
  if (part === 'sqs-s3') return 'sqs-s3';
  if (runs(known, 'dynamodb')) return 'dynamodb';
  return runs(known, 'dynamodb-local') || (await hasJavaKit()) ? 'dynamodb-local' : 'dynamodb';
}

function runs(known: readonly ServerRecord[], name: ServerName): boolean {
  return known.some((record) => record.name === name && isRunning(record));
}

async function ensure(
  name: ServerName,
  folder: string,
  known: readonly ServerRecord[],
  say: (text: string) => void,
): Promise<ServerRecord> {
  const before = known.find((record) => record.name === name);
  if (before && isRunning(before)) return before;
  say(`starting ${name}`);
  const own = resolve(folder, name);
  const port = before && (await isFree(before.port)) ? before.port : undefined;
  const server = await startServer(name, { folder: own, port, lifetime: 'detached' });
  if (server === null) throw new Error('asked for Java before');
  return recordOf(server, own);
}

function recordOf(server: RunningServer, folder: string): ServerRecord {
  const { name, port, pid, cleanSignal, environment } = server;
  return { ...markOf(pid), name, port, folder, cleanSignal, environment };
}
