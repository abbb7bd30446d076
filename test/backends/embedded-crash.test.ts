/**
 * Two writer processes are killed round after round, one while the other goes on. Whatever was
 * acknowledged to them is there afterwards; whatever was removed stays away.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import { eventually, message, text } from '../conformance/fixtures.js';
import { compileProgram, type Program } from '../conformance/peer/compile.js';
import { keys, Notes, queue } from './crash/log.js';

const rounds = 10;
const writer = join(dirname(fileURLToPath(import.meta.url)), 'crash/writer.ts');
let program: Program;
let folder: string;

beforeAll(async () => {
  program = await compileProgram(writer);
  folder = await mkdtemp(join(tmpdir(), 'oncectl-crash-'));
});

afterAll(async () => {
  await program.remove();
  await rm(folder, { recursive: true, force: true });
});

it('keeps every acknowledged operation over 20 killed writers, and goes on each time', async () => {
  const notes = new Notes();
  for (let round = 0; round < rounds; round += 1) {
    const logs = [log(round, 0), log(round, 1)] as const;
    const writers = logs.map((path) => start(path));
    await grows(logs[0], 1_000 + 3_000 * Math.random());
    await grows(logs[1], 1_000);
    await kill(writers[0]);
    // The survivor gets the write lock of the dead one.
    await grows(logs[1], size(logs[1]) + 1_000 + 3_000 * Math.random());
    await kill(writers[1]);
    for (const path of logs) notes.read(path);
    await checked(notes);
  }
  expect(notes.of('sent').size).toBeGreaterThan(rounds);
}, 120_000);

it('keeps what is acknowledged while another process opens the deployment, over and over', async () => {
  const opener = await compileProgram(join(dirname(writer), 'opener.ts'));
  // In memory, where there is: the more commits a second, the likelier one falls into the gap.
  const memory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'oncectl-'));
  const store = join(memory, 'store');
  const logs = [join(folder, 'reopened-0.log'), join(folder, 'reopened-1.log')] as const;
  const writers = logs.map((path) => start(path, store));
  for (const path of logs) await grows(path, 1_000);
  const child = fork(opener.path, [store, '300'], { execArgv: [], stdio: 'inherit' });
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  for (const path of logs) await grows(path, size(path) + 1_000);
  for (const one of writers) await kill(one);
  await opener.remove();
  const notes = new Notes();
  for (const path of logs) notes.read(path);
  await checked(notes, store);
  await rm(memory, { recursive: true, force: true });
}, 60_000);

it('lets go of the lock when a process exits in the middle of a transaction', async () => {
  const exiter = await compileProgram(join(dirname(writer), 'exiter.ts'));
  const store = join(folder, 'exited');
  const child = fork(exiter.path, [store], { execArgv: [], stdio: 'inherit' });
  const ended = await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  await exiter.remove();
  expect(ended, 'it ended by itself: not within a transaction').toBe('SIGKILL');
  const deployment = await openEmbedded({ folder: store, layout: 'separate', worker: 'next' });
  const origin = { endpoint: queue, messageId: 'm', attempt: 'a' };
  await deployment.ports.payload.put('after', new Uint8Array(1), origin);
  expect(await deployment.ports.payload.get('after')).not.toBeNull();
  expect(await deployment.ports.payload.get('half-way')).toBeNull();
  await deployment.close();
}, 20_000);

function log(round: number, index: number): string {
  return join(folder, `${round}-${index}.log`);
}

function start(path: string, store = join(folder, 'store')): ChildProcess {
  return fork(program.path, [store, path], { execArgv: [], stdio: 'inherit' });
}

function size(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

async function grows(path: string, bytes: number): Promise<void> {
  await eventually(
    'a longer log',
    20_000,
    async () => size(path),
    (now) => now > bytes,
  );
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  const ended = new Promise((resolve) => child?.once('exit', (_, signal) => resolve(signal)));
  child?.kill('SIGKILL');
  expect(await ended, 'the writer ended by itself').toBe('SIGKILL');
}

async function checked(notes: Notes, store = join(folder, 'store')): Promise<void> {
  const options = { folder: store, layout: 'separate', worker: 'judge' } as const;
  const deployment = await openEmbedded(options);
  try {
    await businessKept(deployment, notes);
    await payloadsKept(deployment, notes);
    await messagesKept(deployment, notes);
  } finally {
    await deployment.close();
  }
}

async function businessKept({ ports }: EmbeddedDeployment, notes: Notes): Promise<void> {
  for (const key of keys) {
    const { version, state } = await ports.business.load(queue, key, 'none');
    const acknowledged = notes.commits.filter((one) => one.key === key).map((one) => one.version);
    expect(new Set(acknowledged).size, 'a version was given twice').toBe(acknowledged.length);
    expect(version).toBeGreaterThanOrEqual(Math.max(0, ...acknowledged));
    if (version > 0) expect(text(state)).toBe(String(version));
  }
  const lost: string[] = [];
  for (const { key, messageId } of notes.commits) {
    const { entry } = await ports.business.load(queue, key, messageId);
    if (entry === null && !notes.of('settling').has(messageId)) lost.push(messageId);
    if (entry !== null && notes.of('settled').has(messageId)) lost.push(`back: ${messageId}`);
  }
  expect(lost).toEqual([]);
}

async function payloadsKept({ ports }: EmbeddedDeployment, notes: Notes): Promise<void> {
  const wrong: string[] = [];
  for (const id of notes.of('put')) {
    const body = text(await ports.payload.get(id));
    if (body !== id && !notes.of('deleting').has(id)) wrong.push(`lost: ${id}`);
    if (body !== null && notes.of('deleted').has(id)) wrong.push(`back: ${id}`);
  }
  for (const id of notes.of('added')) {
    if (!(await ports.dedupe.has(queue, id))) wrong.push(`no record: ${id}`);
  }
  expect(wrong).toEqual([]);
}

async function messagesKept({ ports, evidence }: EmbeddedDeployment, notes: Notes): Promise<void> {
  // One more, in case that a new key replaces an old one.
  await ports.broker.send([message(queue)]);
  const there = new Set<string>();
  for await (const { messageId } of evidence.pending()) there.add(messageId);
  const lost = [...notes.of('sent')].filter((id) => !there.has(id) && !notes.of('acking').has(id));
  expect(lost, 'lost messages').toEqual([]);
  const back = [...notes.of('acked')].filter((id) => there.has(id));
  expect(back, 'acked messages that are there again').toEqual([]);
}
