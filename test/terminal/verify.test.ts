/** `oncectl verify` as a user sees it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scheduleTo } from '../../src/verify/schedule-to.js';
import { runCli } from './run-cli.js';

interface Row {
  readonly protocol: string;
  readonly mutant: string | null;
  readonly verdict: string;
  readonly invariant: string | null;
  readonly trace: readonly { readonly what: string }[] | null;
  readonly producer: string | null;
  readonly stores: string;
  readonly states: number;
  readonly bounds: { readonly repairs?: number };
  readonly walks: number | null;
  readonly again: string;
}

async function keptTrace(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'oncectl-trace-')), 'trace.json');
  await runCli(['verify', '--mutant', 'check-before-load', '--trace', file]);
  return file;
}

async function verifyJson(...args: string[]): Promise<{ code: number | null; rows: Row[] }> {
  const { code, stdout } = await runCli(['verify', ...args, '--json']);
  const document = JSON.parse(stdout) as { schema: string; data: Row[] };
  expect(document.schema).toBe('oncectl/verify/v1');
  return { code, rows: document.data };
}

describe('oncectl verify', () => {
  it('says that a right protocol holds, and ends with 0', async () => {
    const { code, rows } = await verifyJson('outbox');
    expect(rows.map(({ protocol, verdict }) => [protocol, verdict])).toEqual([['outbox', 'holds']]);
    expect(code).toBe(0);
  });

  it('prints the shortest schedule that breaks one, and ends with 97', async () => {
    const { code, rows } = await verifyJson('dedupe-store', '--dedupe', 'negative-cache');
    expect(rows[0]).toMatchObject({ verdict: 'violated', invariant: 'I2' });
    expect(rows[0]?.trace?.at(-1)?.what).toBe('commit');
    expect(code).toBe(97);
  });

  it('ends with 7 when not everything could be seen in time', async () => {
    const bounds = ['--messages', '2', '--crashes', '3', '--time', '200ms'];
    const { code, rows } = await verifyJson('token', ...bounds);
    expect(rows[0]?.verdict).toBe('not exhausted');
    expect(code).toBe(7);
  });

  it('catches a mutant, and ends with 0', async () => {
    const { code, rows } = await verifyJson('--mutant', 'check-before-load');
    expect(rows[0]).toMatchObject({ mutant: 'check-before-load', verdict: 'violated' });
    expect(code).toBe(0);
  });

  it('prints the trace for people, step by step, and no progress when nobody looks', async () => {
    const { stdout, stderr } = await runCli(['verify', 'none', '--color', 'never']);
    expect(stdout.trim().split('\t').slice(0, 4)).toEqual([
      ...['none', 'one entity', 'strong', 'violated: I2'],
    ]);
    expect(stderr).toContain('warning: none violates I2 in 6 steps: A was applied twice');
    expect(stderr).toContain('again: oncectl verify none --messages 1 --workers 2');
    expect(stderr).not.toContain('states/s');
  });

  it('keeps a schedule in a file, and takes its steps again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oncectl-trace-'));
    const file = join(folder, 'trace.json');
    expect((await runCli(['verify', '--mutant', 'check-before-load', '--trace', file])).code).toBe(
      0,
    );
    const { code, stdout } = await runCli(['verify', '--replay', file]);
    expect(stdout).toContain('check-before-load violates I2');
    expect(code).toBe(97);
    const { protocol, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...rest, protocol, mutant: null }));
    const mended = await runCli(['verify', '--replay', file]);
    expect(mended.stdout).toMatch(/no violation of I2 any more: step \d+ cannot happen now/);
    expect(mended.code).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it('takes a schedule that has to hold: 0 when it does, 97 when not, 7 when it cannot', async () => {
    const standing = { receives: 1, registered: 0, hasCopy: true, isRepaired: false };
    const all = { ...standing, protocol: 'token', doneUpTo: 'commit' } as const;
    const trace = scheduleTo(all, 'a message that stopped');
    const folder = mkdtempSync(join(tmpdir(), 'oncectl-trace-'));
    const file = join(folder, 'trace.json');
    const replay = (content: object) => {
      writeFileSync(file, JSON.stringify({ ...trace, ...content }));
      return runCli(['verify', '--replay', file]);
    };
    const holds = await replay({});
    expect(holds.stdout).toContain('token holds: the steps end well');
    expect(holds.stdout).toContain('a message that stopped');
    const broken = await replay({ mutant: 'shared-payload' });
    expect(broken.stdout).toContain('shared-payload violates I1');
    const gone = await replay({ steps: [...trace.steps, trace.steps[0]] });
    expect(gone.stdout).toMatch(/nothing was shown of token: step \d+ cannot happen now/);
    expect([holds.code, broken.code, gone.code]).toEqual([0, 97, 7]);
    rmSync(folder, { recursive: true });
  });

  it('explains, with a column a worker and what the stores hold', async () => {
    const { stdout } = await runCli(['verify', '--replay', await keptTrace(), '--explain']);
    expect(stdout).toContain('What went wrong: a message is applied twice');
    const explained = await runCli(['verify', '--mutant', 'check-before-load', '--explain']);
    expect(explained.stdout).toContain('> dedupe orders: A');
    expect(explained.stdout).toContain('What went wrong: a message is applied twice');
  });

  it('replays a schedule on real stores, with a mutant and with the right protocol', async () => {
    const file = await keptTrace();
    const broken = await runCli(['verify', '--replay', file, '--on', 'quick']);
    expect(broken.stdout).toContain('check-before-load violates I2 on real stores: A was applied');
    expect(broken.stdout).toContain('every step went as on the simulated stores');
    expect(broken.code).toBe(97);
    const { code, stdout } = await runCli(['verify', '--replay', file, '--on', 'quick', '--right']);
    expect(stdout).toContain('dedupe-store: nothing lost, doubled or leaked on real stores');
    expect(code).toBe(0);
  });

  it('takes random walks, the same for the same seed', async () => {
    const args = ['token', '--workers', '3', '--copies', '3', '--seed', '7', '--walks', '20'];
    const [first, second] = [await verifyJson(...args), await verifyJson(...args)];
    const counted = ({ rows }: typeof first) => rows.map(({ states, walks }) => [states, walks]);
    expect(first.code).toBe(7);
    expect(first.rows[0]).toMatchObject({ verdict: 'not exhausted', walks: 20 });
    expect(counted(first)).toEqual(counted(second));
  });

  it('finds a violation by a walk, and says which walk it was', async () => {
    const { code, rows } = await verifyJson('none', '--seed', '1', '--walks', '500');
    expect(code).toBe(97);
    const again = rows[0]?.again.split(' ').slice(2) ?? [];
    const { rows: same } = await verifyJson(...again);
    expect(same[0]?.trace).toEqual(rows[0]?.trace);
  });

  it('lets an operator repair meanwhile, and says so', async () => {
    const { code, rows } = await verifyJson('outbox', '--repairs', '1');
    expect(rows[0]).toMatchObject({ verdict: 'holds', bounds: { repairs: 1 } });
    expect(rows[0]?.again).toContain('--repairs 1');
    expect(code).toBe(0);
    const { stdout } = await runCli(['verify', '--mutant', 'repair-handles-again', '--explain']);
    expect(stdout).toMatch(/w1 +w2 +r1/);
  });

  it('puts a producer in front', async () => {
    const { code, rows } = await verifyJson('token', '--producer', 'outbox', '--copies', '1');
    expect(rows[0]).toMatchObject({ producer: 'outbox', verdict: 'violated', invariant: 'I1' });
    expect(code).toBe(97);
  });

  it('makes a table of protocols and store models', async () => {
    const { rows } = await verifyJson('dedupe-store', '--dedupe', 'strong,expiry');
    expect(rows.map(({ stores, verdict }) => [stores, verdict])).toEqual([
      ['strong', 'holds'],
      ['dedupe expiry', 'violated'],
    ]);
  });

  it.each([
    [['--mutant', 'check-befor-load'], 'did you mean check-before-load?'],
    [['--time', 'soon'], '"soon" is no duration'],
    [['--dedupe', 'weak'], '--dedupe'],
    [['outboks'], 'outbox'],
    [['all', '--trace', 'x.json'], 'name one protocol'],
    [['--replay', 'no-such-file.json'], 'no-such-file.json'],
    [['outbox', '--walks', '3'], '--seed'],
  ])('refuses %j, and says what is there', async (args, said) => {
    const { code, stderr } = await runCli(['verify', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});
