/**
 * Each step of each protocol is killed once, under duplicates, delays, lost acknowledgements and a
 * frozen worker, through the built CLI on the embedded backend.
 *
 * What is judged is correctness. A machine that is busy with other tests may find the generator
 * behind (103); the audit's verdict stands all the same, so that exit is accepted here.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProtocolName, protocolNames } from '../../src/engine/protocols/names.js';
import { BenchFolder, runBench } from '../bench/bench-cli.js';
import { expectStruck, kills, resultOf } from '../bench/faulty-outcome.js';
import { faultyProfile } from '../bench/faulty-profile.js';

const protectedBy = protocolNames.filter((name) => name !== 'none');
const longestMs = 120_000;
let folder: BenchFolder;

beforeAll(async () => {
  folder = await BenchFolder.create();
});

afterAll(() => folder.remove());

async function benchUnderFaults(protocol: ProtocolName) {
  const profile = await folder.write(`${protocol}.yaml`, faultyProfile(protocol));
  const ended = await runBench(folder, 'run', profile, '--json', '--out', folder.runs);
  return { ended, result: await resultOf(folder, ended) };
}

describe('every step killed once', () => {
  let zombies = 0;

  it.each(protectedBy)(
    'leaves %s with nothing lost, applied twice or leaked',
    async (protocol) => {
      const { ended, result } = await benchUnderFaults(protocol);
      const { correctness, drained, generator } = result;
      const wrong = JSON.stringify(correctness?.firstViolations, null, 1);
      expect(correctness?.clean, wrong).toBe(true);
      expect(drained, ended.stderr).toBe(true);
      expect(correctness?.pending).toBe(0);
      expect(ended.code, result.verdict.generator).toBe(generator.valid ? 0 : 103);
      expectStruck(protocol, result);
      zombies += result.faults.filter(({ kind, counts }) => kind === 'stall' && counts).length;
    },
    longestMs,
  );

  it('and somebody took over from a frozen worker, which then went on', () => {
    expect(zombies).toBeGreaterThan(0);
  });
});

it(
  'catches the control: none under the same faults exits 97 and names the messages',
  async () => {
    const { ended, result } = await benchUnderFaults('none');
    expect(ended.code).toBe(97);
    expect(result.status).toBe('failed');
    expect(result.correctness?.clean).toBe(false);
    expect(kills(result).length).toBeGreaterThan(0);
    const violations = result.correctness?.firstViolations ?? [];
    expect(violations.length).toBeGreaterThan(0);
    for (const { messageId, endpoint, what, history } of violations) {
      expect(messageId).toHaveLength(26);
      expect(endpoint).toMatch(/^(endpoint-0[123]|sink)$/);
      expect(what).not.toBe('');
      expect(history.length).toBeGreaterThan(0);
    }
  },
  longestMs,
);
