import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linesInOrder } from '../../src/audit/in-order.js';
import { lineBatches } from '../../src/audit/read-lines.js';
import { History, inFolder, named, rightHistory, verdictOf } from './history.js';

async function collected<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) for (const item of batch) all.push(item);
  return all;
}

test.each([1, 7, 50, 1 << 20])(
  'lines are whole and numbered, read %i bytes at a time',
  async (size) => {
    await inFolder(async (folder) => {
      const path = join(folder, 'lines');
      const lines = Array.from({ length: 40 }, (_, index) => 'ä€x'.repeat(index % 9) + index);
      await writeFile(path, `${lines.join('\n')}\ncut`);
      const read: string[] = [];
      for await (const batch of lineBatches(path, size)) {
        expect(batch.first).toBe(read.length + 1);
        read.push(...batch.lines);
      }
      expect(read).toEqual(lines);
    });
  },
);

test.each([1, 3000, 1 << 20])('lines come in order, with %i bytes to sort in', async (runBytes) => {
  await inFolder(async (folder) => {
    const path = join(folder, 'lines');
    // 700,000 and some bytes: several batches of a read, so several runs where memory is short.
    const lines = Array.from({ length: 250_000 }, (_, index) => String((index * 7919) % 250_007));
    await writeFile(path, `${lines.join('\n')}\n`);
    const ordered = await collected(linesInOrder(path, runBytes));
    expect(ordered).toHaveLength(lines.length);
    // Not toEqual: a difference among 250,000 lines takes minutes to print.
    expect(lines.sort().findIndex((line, index) => line !== ordered[index])).toBe(-1);
  });
});

test('an audit with next to no memory, thus many buckets and runs, finds the same', async () => {
  const history = rightHistory(300, ['a', 'b', 'c']);
  expect(await verdictOf(history, { memoryBytes: 1 << 16 })).toMatchObject({ clean: true });
  const twice = history.enter('b', 'key 0');
  history.pass(twice, ['a', 'b', 'c']);
  history.pass(twice, ['a', 'b', 'c']);
  const lost = history.enter('c', 'key 1');
  const verdict = await verdictOf(history, { memoryBytes: 1 << 16 });
  expect(named(verdict)).toEqual([`I1 c ${lost.messageId}`, `I2 b ${twice.messageId}`]);
});

test('of many violations the earliest are named, of every kind, with no more than 20 in all', async () => {
  const history = new History();
  const lost = Array.from({ length: 50 }, () => history.enter('a', 'key').messageId);
  history.arrive({ endpoint: 'a', messageId: 'zz', key: 'key', transaction: 'stray' });
  const verdict = await verdictOf(history);
  expect(verdict).toMatchObject({ lost: 50, leaked: 1 });
  expect(named(verdict)).toEqual([...lost.slice(0, 19).map((id) => `I1 a ${id}`), 'I3 a zz']);
});

test('a message with very many copies has a history that says how many more there are', async () => {
  const history = rightHistory();
  const stray = { endpoint: 'b', messageId: 'stray', key: 'key', transaction: 'never' };
  for (let copy = 0; copy < 100; copy += 1) history.arrive(stray);
  const verdict = await verdictOf(history);
  expect(verdict.redelivered).toBe(99);
  expect(verdict.firstViolations[0]?.history).toHaveLength(41);
  expect(verdict.firstViolations[0]?.history.at(-1)).toBe('and 60 more lines');
});

test('progress rises to the whole in every phase', async () => {
  const shares = new Map<string, number>();
  const onProgress = ({ phase, share }: { phase: string; share: number }) => {
    expect(share).toBeGreaterThanOrEqual(shares.get(phase) ?? 0);
    shares.set(phase, share);
  };
  await verdictOf(rightHistory(), { onProgress });
  expect(Object.fromEntries(shares)).toEqual({ reading: 1, messages: 1, chains: 1, histories: 1 });
});
