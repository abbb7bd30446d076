/**
 * The shell session of the README's operate section, run as it stands there, in a terminal, on a
 * deployment that the profile `incident` has just left behind; its output is compared but for what
 * differs from run to run: ids, times, counts, and which endpoints were hit.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, runCli } from './run-cli.js';

const longestMs = 180_000;
const idPattern = /\b[0-9A-HJKMNP-TV-Z]{26}\b/g;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-readme-operate-'));
  const ended = await runCli(['bench', 'run', 'incident', '--no-tui'], { cwd: folder });
  expect(ended.code, ended.stderr).toBe(0);
}, longestMs);

afterAll(() => rm(folder, { recursive: true, force: true }));

it(
  'every command of the session prints what the README shows',
  async () => {
    const shown = await session();
    expect(shown.length).toBeGreaterThan(8);
    const ids = new Map<string, string>();
    for (const { command, output } of shown) {
      const real = await inTerminal(replaced(command, ids));
      const [there, here] = [output.match(idPattern) ?? [], real.match(idPattern) ?? []];
      for (const [at, id] of there.entries()) if (!ids.has(id)) ids.set(id, here[at] ?? id);
      expect(shape(real), command).toEqual(shape(output));
    }
  },
  longestMs,
);

interface Shown {
  readonly command: string;
  readonly output: string;
}

async function session(): Promise<readonly Shown[]> {
  const text = await readFile(join(root, 'README.md'), 'utf8');
  const [, block = ''] = /```console\n([\s\S]*?)```/.exec(text) ?? [];
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}

/** With the ids of this run in place of those in the README. */
function replaced(command: string, ids: ReadonlyMap<string, string>): string {
  return command.replaceAll(idPattern, (id) => ids.get(id) ?? id);
}

function inTerminal(command: string): Promise<string> {
  const cli = `oncectl() { '${process.execPath}' '${join(root, 'bin', 'oncectl.js')}' "$@"; }`;
  const { CI: _, ...inherited } = process.env;
  const terminal = spawn('/bin/sh', ['-c', `${cli}\n${command}`], {
    cols: 200,
    cwd: folder,
    env: { ...inherited, NO_COLOR: '1', TERM: 'xterm' },
  });
  return new Promise((resolve) => {
    let screen = '';
    terminal.onData((text) => {
      screen += text;
    });
    terminal.onExit(() => resolve(screen.replaceAll('\r\n', '\n')));
  });
}

/** Lines without what differs from run to run; equal ones that follow one another are one. */
function shape(output: string): string[] {
  const lines = output
    .split('\n')
    .map((line) => shapeOf(line))
    .filter((line) => line !== '');
  return lines.filter((line, at) => line !== lines[at - 1]);
}

function shapeOf(line: string): string {
  return line
    .replace(/^\d+ endpoints? needs? you: .*/, '<endpoints> need you')
    .replaceAll(idPattern, '<id>')
    .replaceAll(/\b[0-9a-f]{16}\b/g, '<plan>')
    .replaceAll(/\S*\.oncectl\/backups\/\S+/g, '<file>')
    .replaceAll(/\b\d{4}-\d{2}-\d{2}-\d{6}\b(-[0-9a-f]{6})?/g, '<run>')
    .replaceAll(/\b\d{2}:\d{2}:\d{2}(\.\d{3})?/g, '<time>')
    .replaceAll(/\S+@\S+/g, '<actor>')
    .replaceAll(/\b(orders|payments|stock|ledger|shipping|sink)\b/g, '<endpoint>')
    .replaceAll(/\bworker-[\d.]+/g, '<worker>')
    .replace(/\s+caused by <id>$/, '')
    .replaceAll(/\b(messages|sends|times|items)\b/g, (word) => word.slice(0, -1))
    .replaceAll(/\b\d[\d,]*(\.\d+)?( ?(ms|s|m\d+s))?(?=\W|$)/g, 'N')
    .replaceAll(/ (stuck|dead|ok) +-$/g, ' <state> -')
    .replace(/^(<endpoint>)( +(N|-))+ +<state> -$/, '$1 figures <state>')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
