import { describe, expect, it } from 'vitest';
import { Coalescer, type CoalescerOptions } from '../../../src/backends/aws/shared/coalesce.js';

/** A coalescer whose batches end when they are told to. */
function held(options: Partial<CoalescerOptions<number, number>> = {}) {
  const batches: { items: readonly number[]; end: () => void; fail: (error: Error) => void }[] = [];
  let onBatch = () => {};
  const coalescer = new Coalescer<number, number>({
    maxItems: 3,
    run: (items) =>
      new Promise((resolve, reject) => {
        const end = () =>
          resolve(items.map((value) => ({ status: 'fulfilled', value: value * 10 })));
        batches.push({ items, end, fail: reject });
        onBatch();
      }),
    ...options,
  });
  const begun = async (count: number) => {
    while (batches.length < count)
      await new Promise<void>((resolve) => {
        onBatch = resolve;
      });
    return batches[count - 1]?.items;
  };
  return { coalescer, batches, begun };
}

/** Whatever was due by now has begun. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a coalescer', () => {
  it('sends together what comes in one turn, each with its own outcome', async () => {
    const { coalescer, batches, begun } = held();
    const all = Promise.all([1, 2].map((item) => coalescer.add(item)));
    expect(await begun(1)).toEqual([1, 2]);
    batches[0]?.end();
    expect(await all).toEqual([10, 20]);
  });

  it('gathers while a request is under way, and sends no batch over its size', async () => {
    const { coalescer, batches, begun } = held({ concurrency: 1 });
    const all = [coalescer.add(1)];
    await begun(1);
    all.push(...[2, 3, 4, 5].map((item) => coalescer.add(item)));
    await turn();
    expect(batches).toHaveLength(1);
    batches[0]?.end();
    expect(await begun(2)).toEqual([2, 3, 4]);
    batches[1]?.end();
    expect(await begun(3)).toEqual([5]);
    batches[2]?.end();
    await Promise.all(all);
  });

  it('sends full batches beside one another, one that is not full alone', async () => {
    const { coalescer, batches } = held({ concurrency: 3 });
    const all = [1, 2, 3, 4, 5, 6, 7].map((item) => coalescer.add(item));
    await turn();
    expect(batches.map(({ items }) => items.length)).toEqual([3, 3]);
    for (const { end } of batches) end();
    await turn();
    expect(batches.map(({ items }) => items.length)).toEqual([3, 3, 1]);
    batches[2]?.end();
    await Promise.all(all);
  });

  it('keeps to the bytes of a batch; what is larger goes alone', async () => {
    const { coalescer, batches } = held({ maxItems: 10, maxBytes: 10, bytesOf: (item) => item });
    const all = [4, 5, 3, 20, 1].map((item) => coalescer.add(item));
    for (let count = 1; count <= 4; count++) {
      await turn();
      batches[count - 1]?.end();
    }
    await Promise.all(all);
    expect(batches.map(({ items }) => items)).toEqual([[4, 5], [3], [20], [1]]);
  });

  it('fails the batch that failed and no other', async () => {
    const { coalescer, batches, begun } = held({ concurrency: 1 });
    const first = coalescer.add(1);
    await begun(1);
    const second = coalescer.add(2);
    batches[0]?.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await begun(2);
    batches[1]?.end();
    expect(await second).toBe(20);
  });

  it('lets a batch linger, until it is full, looked at again, or settled', async () => {
    let lingerMs = 60_000;
    const { coalescer, batches, begun } = held({ lingerMs: () => lingerMs });
    const full = [1, 2, 3].map((item) => coalescer.add(item));
    expect(await begun(1)).toEqual([1, 2, 3]);
    batches[0]?.end();
    await Promise.all(full);
    const late = coalescer.add(4);
    await turn();
    expect(batches).toHaveLength(1);
    lingerMs = 0;
    coalescer.look();
    expect(await begun(2)).toEqual([4]);
    batches[1]?.end();
    await late;
    lingerMs = 60_000;
    const last = coalescer.add(5);
    await turn();
    expect(batches).toHaveLength(2);
    const settled = coalescer.settle();
    expect(await begun(3)).toEqual([5]);
    batches[2]?.end();
    await settled;
    expect(await last).toBe(50);
  });
});
