/** `oncectl verify` as a user sees it. */
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.js';

interface Row {
  readonly protocol: string;
  readonly mutant: string | null;
  readonly verdict: string;
  readonly invariant: string | null;
  readonly trace: readonly { readonly what: string }[] | null;
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
    expect(stderr).toBe('');
  });

  it.each([
    [['--mutant', 'check-befor-load'], 'did you mean check-before-load?'],
    [['--time', 'soon'], '"soon" is no duration'],
    [['--dedupe', 'weak'], '--dedupe'],
    [['outboks'], 'outbox'],
  ])('refuses %j, and says what is there', async (args, said) => {
    const { code, stderr } = await runCli(['verify', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});
