import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../terminal/run-cli.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A process that takes the lock, notes that it has it, works for a while and notes the end. */
const worker = `
  import { appendFileSync } from 'node:fs';
  import { setTimeout as work } from 'node:timers/promises';
  const { withLock } = await import(process.env.LOCK_MODULE);
  const note = (text) => appendFileSync(process.env.NOTES, text + '\\n');
  await withLock(process.env.LOCK, async () => { note('in'); await work(20); note('out'); }, () => {});
`;

async function contend(count: number): Promise<string[]> {
  const notes = join(folder, 'notes');
  const env = {
    ...process.env,
    LOCK: join(folder, 'lock'),
    LOCK_MODULE: join(root, 'scripts', 'lock.mjs'),
    NOTES: notes,
  };
  const ends = Array.from({ length: count }, () =>
    once(spawn(process.execPath, ['--input-type=module', '-e', worker], { env }), 'exit'),
  );
  for (const end of ends) expect((await end)[0]).toBe(0);
  return readFileSync(notes, 'utf8').trim().split('\n');
}

/** Pid of a process that has ended. */
async function deadPid(): Promise<number | undefined> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid;
}

describe('the lock of ready', () => {
  it('lets one in at a time', async () => {
    const notes = await contend(6);
    expect(notes).toEqual(Array.from({ length: 6 }, () => ['in', 'out']).flat());
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('passes over the lock of a process that died, and still lets one in at a time', async () => {
    writeFileSync(join(folder, 'lock'), String(await deadPid()));
    const notes = await contend(6);
    expect(notes).toEqual(Array.from({ length: 6 }, () => ['in', 'out']).flat());
  });
});
