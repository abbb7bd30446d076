/**
 * Every command of the manifest: its `--json` is as the schema says that it names, with something to
 * tell, with nothing, and when it fails; the examples of its help run; whoever types what is wrong gets
 * one clear line and the exit code of the design. A command without a row fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFull } from '../operate/length.js';
import { onServers, told, withIds } from './all-commands/examples.js';
import { type Prepared, prepare } from './all-commands/prepared.js';
import { type Case, rows } from './all-commands/rows.js';
import { validated, validatedStream } from './all-commands/strict-schema.js';
import { Turns } from './all-commands/turns.js';
import { exampleLine, filled, wordsOf } from './all-commands/words.js';
import {
  down,
  type ManifestCommand,
  unknownEndpoint,
  type Wrong,
  wrongIds,
} from './all-commands/wrong.js';
import { type Ended, executable, root, runCli } from './run-cli.js';

const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
  readonly commands: Readonly<Record<string, ManifestCommand>>;
};
const commands = Object.values(manifest.commands);
/** A process uses about a core. */
const turns = new Turns(2);
const patience = 60_000;

let prepared: Prepared;
beforeAll(async () => {
  prepared = await prepare();
}, patience);
afterAll(() => prepared?.remove());

interface Started {
  readonly signal?: Case['signal'] | undefined;
  readonly writes?: true;
  readonly json?: boolean;
  /** Beside a worker of the shop. */
  readonly worker?: true;
}

function oncectl(line: string, { signal, writes, json, worker }: Started): Promise<Ended> {
  return turns.take(async () => {
    const words = wordsOf(filled(line, { ...prepared.ids }));
    const cwd = writes ? prepared.copy() : prepared.folder;
    const how = { cwd, mostMs: patience / 2, ...(signal ? { signal } : {}) };
    const working = worker && startWorker(cwd);
    try {
      return await runCli([...words, ...(json ? ['--json'] : [])], how);
    } finally {
      await working?.stop();
    }
  });
}

function startWorker(cwd: string) {
  const child = spawn(process.execPath, [executable, 'worker', 'shop.yaml'], { cwd });
  const ended = once(child, 'close');
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** null where the document is of one thing. */
function sizeOf(data: unknown): number | null {
  if (Array.isArray(data)) return data.length;
  const { items } = data as { readonly items?: readonly unknown[] };
  return items?.length ?? null;
}

async function printsAsItsSchemaSays(one: Case) {
  const ended = await oncectl(one.line, { ...one, json: true });
  const events = one.schema.endsWith('.event') ? validatedStream(ended.stdout) : null;
  const last = events?.at(-1) ?? validated(ended.stdout);
  expect({ name: last.name, exit: ended.code }).toEqual({
    ...{ name: one.schema, exit: one.exit ?? 0 },
  });
  return last.document;
}

const casesOf = (state: 'data' | 'empty' | 'failing') =>
  Object.values(rows).flatMap((row) => {
    const cases = row[state];
    return typeof cases === 'string' ? [] : cases.map((one) => [one.line, one] as const);
  });

it('has a row for every command, and for no other', () => {
  expect(Object.keys(rows).sort()).toEqual(commands.map(({ id }) => id).sort());
});

describe.concurrent('--json is as the schema says', () => {
  it('also what took long', () => {
    for (const [command, { stdout, code }] of prepared.printed) {
      const printed = command === 'bench:run' ? validatedStream(stdout) : [validated(stdout)];
      const name = command.replaceAll(':', '.');
      expect(printed.at(-1)?.name).toBe(command === 'bench:run' ? `${name}.event` : name);
      expect(command === 'bench:run' ? [0, 103] : [0]).toContain(code);
    }
  });

  it.each(casesOf('data'))(
    '%s',
    async (_, one) => {
      const { data } = await printsAsItsSchemaSays(one);
      expect(sizeOf(data)).not.toBe(0);
    },
    patience,
  );

  it.runIf(isFull).each(casesOf('empty'))(
    '%s: nothing',
    async (_, one) => {
      const { data } = await printsAsItsSchemaSays(one);
      // Whether some copy looks lost depends on how far the run came: a duplicate looks the same.
      if (one.schema !== 'token.lost') expect(sizeOf(data) ?? 0).toBe(0);
    },
    patience,
  );

  it.each(casesOf('failing'))(
    '%s: an error',
    async (_, one) => {
      const { error } = await printsAsItsSchemaSays(one);
      expect(error).toMatchObject({ exit: one.exit });
    },
    patience,
  );
});

/** So clearly that it needs no folder of its own. */
const readsOnly =
  /^(?!.*--(as-)?trace )(inspect|log|status|explain|schema|verify|\w+ (list|show|check)) ?|--dry-run$/;

const examples = commands.flatMap((command) => (command.examples ?? []).map(exampleLine));

describe.concurrent('an example in the help runs', () => {
  it('and none is told of that is not there', () => {
    const known = [...Object.keys(told), ...onServers];
    expect(known.filter((line) => !examples.includes(line))).toEqual([]);
  });

  it.runIf(isFull).each(examples.filter((line) => !onServers.includes(line)))(
    '%s',
    async (line) => {
      const { more = '', exits = [0], ...how } = told[line] ?? {};
      const asked = `${withIds(line, prepared.ids)} ${more}`;
      const ended = await oncectl(asked, readsOnly.test(line) ? how : { ...how, writes: true });
      expect(exits, ended.stderr).toContain(ended.code);
      expect(ended.stderr.split('\n').filter(isOfAStack)).toEqual([]);
    },
    patience,
  );
});

const isOfAStack = (line: string) => /^\s+at /.test(line);

/** What the user reads: the error, what it is about, what to do. */
async function isRefusedClearly({ line, exit }: Wrong) {
  const { code, stdout, stderr } = await oncectl(line, {});
  const said = stderr.trimEnd().split('\n');
  expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: '' });
  expect(said[0]).toMatch(/^error: \S.{5,}$/);
  expect(said.slice(1).filter((text) => !/^(where|hint|state): /.test(text))).toEqual([]);
}

const each = (wrong: (command: ManifestCommand) => readonly Wrong[]) =>
  commands.flatMap((command) => wrong(command).map((one) => [one.line, one] as const));

describe.concurrent('one clear line, and the exit code of the design', () => {
  it.each(each(wrongIds))(
    'an id that nothing has: %s',
    (_, one) => isRefusedClearly(one),
    patience,
  );
  it.each(each(unknownEndpoint))(
    'an unknown endpoint: %s',
    (_, one) => isRefusedClearly(one),
    patience,
  );
  it.each(each(down))('out of reach: %s', (_, one) => isRefusedClearly(one), patience);
});
