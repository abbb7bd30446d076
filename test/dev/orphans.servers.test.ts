import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ends, isRunning, markOf } from '../../src/dev/process.js';
import type { ServerName } from '../../src/dev/server.js';
import { serverNames } from '../../src/dev/start.js';
import { dynamodbLocal } from '../servers/provided.js';
import { temporaryFolder } from '../servers/temporary-folder.js';
import { root } from '../terminal/run-cli.js';

let folder = '';
let parent: ChildProcess | undefined;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  parent?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const isThere = (name: ServerName): boolean =>
  name !== 'dynamodb-local' || dynamodbLocal() !== null;

/** A process that starts the server, tells its pid, and waits for its own end. */
const program = `
  const { startServer } = await import(process.argv[1]);
  const server = await startServer(process.argv[2], { folder: process.argv[3] });
  setInterval(() => {}, 1000); // Without it this process may end by itself, and the server with it.
  process.send(server.pid);
`;

describe('a server whose parent is killed', () => {
  it.each(serverNames.filter(isThere))('ends too: %s', async (name) => {
    const module = join(root, 'dist', 'src', 'dev', 'start.js');
    const args = ['--input-type=module', '-e', program, module, name, folder];
    parent = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [pid] = await once(parent, 'message');
    const server = markOf(pid);
    expect(isRunning(server)).toBe(true);
    parent.kill('SIGKILL');
    expect(await ends(server, 15_000)).toBe(true);
  });
});
