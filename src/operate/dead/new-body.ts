/** The new body of an edited message: from a file, from standard input, or by hand in an editor. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { OncectlError } from '../../engine/errors.js';

/** `-` is standard input. Errors: `not-found`. */
export async function bodyFrom(file: string): Promise<Uint8Array> {
  const bytes =
    file === '-'
      ? await buffer(process.stdin)
      : await readFile(file).catch((cause: unknown) => {
          throw new OncectlError('not-found', 'there is no such file', { about: file, cause });
        });
  return new Uint8Array(bytes);
}

/**
 * Opens the body in the editor, JSON indented, and waits for its end; JSON comes back without the
 * indentation. The file is its owner's alone and removed afterwards. Errors: `declined` when the editor
 * fails.
 */
export async function bodyByHand(editor: string, body: Uint8Array): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-edit-'));
  try {
    const value = jsonOf(body);
    const file = join(folder, value === undefined ? 'body' : 'body.json');
    const before = value === undefined ? body : `${JSON.stringify(value, null, 2)}\n`;
    await writeFile(file, before, { mode: 0o600 });
    await openIn(editor, file);
    const after = new Uint8Array(await readFile(file));
    if (Buffer.from(after).equals(Buffer.from(before))) return body;
    const edited = value === undefined ? undefined : jsonOf(after);
    return edited === undefined ? after : new TextEncoder().encode(JSON.stringify(edited));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The editor may be a command with arguments, as shells have it. */
function openIn(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new OncectlError('declined', `not done: ${editor} failed`));
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    child.once('error', failed);
    child.once('exit', (code) => (code === 0 ? resolve() : failed()));
  });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
