/** `--explain`: who did what when, and what the stores said then. */
import { expect, it } from 'vitest';
import { explainText } from '../../src/report/verify-explain.js';
import { mutants } from '../../src/verify/mutants/index.js';
import { strongStores } from '../../src/verify/scenario.js';
import { verifyMutant, verifyProtocol } from '../../src/verify/verify.js';

const limits = { timeMs: 60_000, mostStates: 3_000_000 };

it.each(mutants.map((one): [string, (typeof mutants)[number]] => [one.name, one]))(
  '%s: fits the terminal, step by step, a view for each',
  async (_name, mutant) => {
    const { found, subject } = await verifyMutant(mutant, limits);
    if (!found) throw new Error('not caught');
    expect(found.views).toHaveLength(found.trace.length + 1);
    for (const width of [80, 120]) {
      const lines = explainText('head', found, subject.bounds, width).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      const numbers = lines.flatMap((line) => /^ {0,3}(\d+) /.exec(line)?.[1] ?? []);
      expect(numbers).toEqual(found.trace.map((_, at) => String(at + 1)));
      expect(lines.join(' ')).toContain('What went wrong');
    }
  },
);

it('has a column for a repair', async () => {
  const mutant = mutants.find(({ name }) => name === 'repair-handles-again');
  const { found, subject } = await verifyMutant(mutant as (typeof mutants)[number], limits);
  if (!found) throw new Error('not caught');
  const lines = explainText('head', found, subject.bounds, 100).split('\n');
  expect(lines[2]).toMatch(/^ +w1 +w2 +r1$/);
  const begins = lines.find((line) => line.includes('begins on A at orders'));
  expect(begins?.indexOf('begins')).toBe(lines[2]?.indexOf('r1'));
});

it('tells what a store that caches an absence still answers', async () => {
  const stores = { ...strongStores, dedupe: 'negative-cache' } as const;
  const bounds = { workers: 2, copies: 2, crashes: 1, unknowns: 0, attempts: 2 };
  const request = { protocol: 'dedupe-store', messages: 1, bounds, stores } as const;
  const [verified] = await verifyProtocol(request, limits);
  if (!verified?.found) throw new Error('not caught');
  const text = explainText('head', verified.found, bounds, 100);
  expect(text).toMatch(/w1 +w2/);
  expect(text).toContain('> dedupe orders: A (and may be found absent)');
  expect(text).toContain('> orders/k: "A" at version 1, by t0, entry A committed');
  expect(text).toContain('What went wrong: a message is applied twice (I2). A was applied twice');
});
