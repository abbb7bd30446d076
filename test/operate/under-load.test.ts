/**
 * Repairs over and over while workers handle a load, die at every step, and are restarted: also of
 * entries that a live worker has in hand. Whoever is late yields; the audit of the run is clean.
 */
import { expect, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { RunningCli } from '../bench/bench-cli.js';
import { isFull } from './length.js';
import { expectClean, inFolder } from './operator.js';
import { json, stoppedProfile } from './stopped.js';

const longestMs = 240_000;
const protocols: readonly ProtocolName[] = [
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];
/** Few entities at a high rate: repairs and workers meet. */
const variation = { rate: '200/s', tailMs: 5000 };

it.runIf(isFull).each(protocols)(
  '%s: repairs of everything that is older than half a second, as long as the load goes on',
  (protocol) =>
    inFolder(async (folder) => {
      const profile = stoppedProfile(protocol, variation);
      const path = await folder.write('load.yaml', {
        ...profile,
        load: { ...profile.load, keys: { count: 50 } },
      });
      const bench = new RunningCli(folder, ['bench', 'run', path, '--no-tui']);
      let goesOn = true;
      void bench.finished.finally(() => {
        goesOn = false;
      });
      const filter = ['-p', '@last', '--older', '500ms', '--include-held', '--yes'];
      let done = 0;
      while (goesOn) {
        const repaired = await json(folder, 'outbox', 'repair', ...filter);
        // Before the run has made its stores there is nothing to look at.
        if (repaired.code === 5) continue;
        expect([0], JSON.stringify(repaired)).toContain(repaired.code);
        done += repaired.document.data.counts?.done ?? 0;
      }
      const { code, stderr } = await bench.finished;
      expect([0, 103], stderr).toContain(code);
      expect(done).toBeGreaterThan(0);
      const last = await json(folder, 'outbox', 'repair', ...filter);
      expect(last.code, last.stderr).toBe(0);
      await expectClean(folder);
    }),
  longestMs,
);
