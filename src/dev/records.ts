/** `.oncectl/dev/servers.json`: the servers that were started detached, so that others find them. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OncectlError } from '../engine/errors.js';
import type { ProcessMark } from './process.js';
import type { Environment, ServerName } from './server.js';

export interface ServerRecord extends ProcessMark {
  readonly name: ServerName;
  readonly port: number;
  /** Its data and its log. */
  readonly folder: string;
  readonly cleanSignal: NodeJS.Signals;
  readonly environment: Environment;
}

/** Where `oncectl dev` keeps everything, below the folder it is started in. */
export const devFolder = join('.oncectl', 'dev');

/** None when nothing was started here; `format` when the file is not ours. */
export function readRecords(folder: string): ServerRecord[] {
  const file = fileIn(folder);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new OncectlError('denied', 'cannot read what servers run', { about: file, cause: error });
  }
  try {
    return (JSON.parse(text) as { servers: ServerRecord[] }).servers;
  } catch (cause) {
    const hint = 'end the servers by hand, then remove the folder';
    throw new OncectlError('format', 'not a list of servers', { about: file, hint, cause });
  }
}

/** Replaces the file in one step. */
export function writeRecords(folder: string, servers: readonly ServerRecord[]): void {
  mkdirSync(folder, { recursive: true });
  const draft = `${fileIn(folder)}.part`;
  writeFileSync(draft, `${JSON.stringify({ servers }, null, 1)}\n`);
  renameSync(draft, fileIn(folder));
}

const fileIn = (folder: string): string => join(folder, 'servers.json');
