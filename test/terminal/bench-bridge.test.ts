/** A chain over three islands: the bridges are killed at every step, and the audit counts the whole chain. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BridgeTo } from '../../src/engine/protocols/bridge.js';
import { bridgeBoundaries } from '../../src/engine/protocols/steps.js';
import { BenchFolder, runBench } from '../bench/bench-cli.js';

const longestMs = 120_000;
let folder: BenchFolder;

beforeAll(async () => {
  folder = await BenchFolder.create();
});

afterAll(() => folder.remove());

function kills(endpoint: string, to: BridgeTo, firstMs: number) {
  return bridgeBoundaries(to).map((step, index) => ({
    ...{ kind: 'kill', endpoint, step },
    at: `${firstMs + index * 600}ms`,
  }));
}

const profile = {
  name: 'islands',
  workers: 2,
  deployment: {
    protocol: 'outbox',
    islands: [
      { name: 'cloud', backend: 'embedded' },
      { name: 'ledger', backend: 'embedded' },
    ],
    endpoints: [
      { name: 'orders', sendsTo: 'to-cloud' },
      { name: 'to-cloud', bridgeTo: 'cloud', sendsTo: 'shipping' },
      { name: 'shipping', island: 'cloud', protocol: 'token', sendsTo: 'to-ledger' },
      { name: 'to-ledger', island: 'cloud', bridgeTo: 'ledger', sendsTo: 'billing' },
      { name: 'billing', island: 'ledger', protocol: 'local-transaction', sendsTo: 'back' },
      { name: 'back', island: 'ledger', bridgeTo: 'main', sendsTo: 'archive' },
      { name: 'archive', sendsTo: 'sink' },
    ],
    visibility: '1500ms',
    retention: '60s',
  },
  load: { rate: '40/s', warmup: '0s', duration: '13s' },
  faults: [
    ...kills('to-cloud', 'token', 500),
    ...kills('to-ledger', 'transaction', 800 + 600 * 7),
    ...kills('back', 'id', 1100 + 600 * 12),
    { kind: 'duplicate', share: '2 %' },
    { kind: 'drop-ack', share: '2 %' },
  ],
  drain: { timeout: '60s' },
};

it(
  'loses, doubles and leaks nothing from end to end, whichever step of a bridge is killed',
  async () => {
    const path = await folder.write('islands.yaml', profile);
    const ended = await runBench(folder, 'run', path, '--json', '--out', folder.runs);
    const result = await folder.lastResult();
    const { correctness, drained, generator, faults } = result;
    expect(correctness?.clean, JSON.stringify(correctness?.firstViolations, null, 1)).toBe(true);
    expect(drained, ended.stderr).toBe(true);
    expect(ended.code, result.verdict.generator).toBe(generator.valid ? 0 : 103);
    expect(correctness?.handled).toBe((correctness?.accepted ?? 0) * 7);
    const struck = faults.filter(({ kind }) => kind === 'kill');
    expect(struck.map(({ endpoint, step }) => `${endpoint} ${step}`).sort()).toEqual(
      profile.faults
        .flatMap((fault) => ('step' in fault ? [`${fault.endpoint} ${fault.step}`] : []))
        .sort(),
    );
  },
  longestMs,
);
