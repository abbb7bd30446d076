/**
 * Opening a deployment and committing to it exclude one another over processes: LMDB would roll back a
 * commit that falls into an opening. (The crash test shows the loss itself, when it happens.)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Gate, openingMark } from '../../src/backends/embedded/gate.js';
import { openEmbedded } from '../../src/backends/embedded/index.js';
import { compileProgram, type Program } from '../conformance/peer/compile.js';

/** Long enough for what must not happen to happen, if it can. */
const longMs = 200;
let program: Program;
let folder: string;
let other: ChildProcess;
const heard: string[] = [];

beforeAll(async () => {
  const path = join(dirname(fileURLToPath(import.meta.url)), 'gate/program.ts');
  program = await compileProgram(path);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-gate-'));
  other = fork(program.path, [folder], { execArgv: [], stdio: 'inherit' });
  heard.length = 0;
  other.on('message', (word) => heard.push(String(word)));
  await hears('ready');
});

afterEach(async () => {
  const ended = other.exitCode === null && other.signalCode === null ? once(other, 'exit') : null;
  other.kill('SIGKILL');
  await ended;
  await rm(folder, { recursive: true, force: true });
});

afterAll(() => program.remove());

it('opens only after the write under way in another process is durable', async () => {
  other.send('write and wait');
  await hears('inside');
  let isOpen = false;
  const opening = open().then((deployment) => {
    isOpen = true;
    return deployment;
  });
  await sleep(longMs);
  expect(isOpen, 'opened in the middle of a commit').toBe(false);
  other.send('go');
  await hears('durable');
  const deployment = await opening;
  expect(await deployment.ports.payload.get('p')).not.toBeNull();
  await deployment.close();
});

it('lets no other process commit while it opens, and all of them afterwards', async () => {
  const gate = new Gate({ folder });
  await gate.whileNobodyCommits(async () => {
    other.send('write');
    await sleep(longMs);
    expect(heard, 'committed while the deployment was being opened').not.toContain('durable');
  });
  await hears('durable');
  await gate.close();
});

it('says which process is in the way, and leaves no mark', async () => {
  other.send('write and wait');
  await hears('inside');
  const gate = new Gate({ folder, patienceMs: 50 });
  const refusal = await gate.whileNobodyCommits(() => 'opened').catch((error: Error) => error);
  expect(String(refusal)).toContain(`process ${other.pid} is inside a write`);
  expect(existsSync(join(folder, openingMark))).toBe(false);
  await gate.close();
});

it('gets over a writer, and over an opener, that was killed', async () => {
  other.send('write and wait');
  await hears('inside');
  other.kill('SIGKILL');
  await (await open()).close();
  writeFileSync(join(folder, openingMark), '');
  const deployment = await open();
  writeFileSync(join(folder, openingMark), '');
  const origin = { endpoint: 'orders', messageId: 'm', attempt: 'a' };
  await deployment.ports.payload.put('q', new Uint8Array(1), origin);
  await deployment.close();
});

function open() {
  return openEmbedded({ folder, layout: 'separate', worker: 'me' });
}

async function hears(word: string): Promise<void> {
  while (!heard.includes(word)) await once(other, 'message');
}
