/** The audit's temporary folder, under the evidence it reads; gone when the audit ends, however. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from './writer.js';

const prefix = '.audit-';

/** Runs `work` in an empty folder and removes it afterwards, also when `work` fails. */
export async function inWorkspace<T>(
  folder: string,
  work: (workspace: string) => Promise<T>,
): Promise<T> {
  const workspace = await made(folder);
  try {
    return await work(workspace);
  } catch (thrown) {
    throw fileError(folder, thrown);
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function made(folder: string): Promise<string> {
  try {
    await removeAbandoned(folder);
    return await mkdtemp(join(folder, `${prefix}${process.pid}-`));
  } catch (thrown) {
    throw fileError(folder, thrown);
  }
}

/** What an audit left that was killed: folders whose process is no more. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = /^\.audit-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
