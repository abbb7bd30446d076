import { describe, expect, test } from 'vitest';
import { openNoop } from '../../src/backends/noop/index.js';

const receive = { visibility: 1000, worker: 'w' };

describe('the no-op backend', () => {
  test('takes everything and hands out nothing', async () => {
    const { broker, business, dedupe, payload } = openNoop();
    await broker.send([]);
    expect(await business.commit('e', 'k', 7, {})).toBe(8);
    expect(await business.load('e', 'k', 'm')).toMatchObject({ version: 0, entry: null });
    expect(await dedupe.has('e', 'm')).toBe(false);
    expect(await payload.get('p')).toBeNull();
    expect(await broker.receive('e', 10, { ...receive, wait: 0 })).toEqual([]);
  });

  test('ends a wait for messages as soon as it is aborted', async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const waiting = openNoop().broker.receive('e', 1, { ...receive, wait: 1e9, signal });
    abort.abort();
    expect(await waiting).toEqual([]);
    const again = openNoop().broker.receive('e', 1, { ...receive, wait: 1e9, signal });
    expect(await again).toEqual([]);
  });
});
