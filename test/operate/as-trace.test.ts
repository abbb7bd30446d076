/** What an operator finds at night becomes a test: inspect writes it, verify runs it (built CLI). */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isFull } from './length.js';
import { inFolder } from './operator.js';
import { killsOf, run, stepAfter, stop } from './stopped.js';

it.runIf(isFull)(
  'token, stopped at every step: each message as a trace, which names the step and holds',
  () =>
    inFolder(async (folder) => {
      const result = await stop(folder, 'token');
      for (const { step, messageId } of killsOf(result)) {
        const boundary = step ?? '';
        const file = join(folder.path, 't.json');
        const asked = ['inspect', messageId ?? '', '-p', '@last', '--as-trace', file];
        const inspected = await run(folder, ...asked);
        expect(inspected.code, inspected.stderr).toBe(0);
        expect(inspected.stdout).toContain('again: oncectl verify --replay');
        const replayed = await run(folder, 'verify', '--replay', file);
        expect(replayed.code, replayed.stdout).toBe(0);
        const here = stepAfter('token', boundary);
        expect(replayed.stdout).toContain('token holds: the steps end well');
        expect(replayed.stdout).toMatch(new RegExp(`${messageId} at .* step \\d+ \\(${here}\\)`));
        const behindCrash = replayed.stdout.slice(replayed.stdout.lastIndexOf('crashes'));
        expect(behindCrash).toMatch(new RegExp(`w2 +${here}\\b`));
      }
      const onStores = await run(folder, 'verify', '--replay', 't.json', '--on', 'quick');
      expect(onStores.code, onStores.stdout).toBe(0);
      expect(onStores.stdout).toContain('every step went as on the simulated stores');

      const messageId = killsOf(result)[0]?.messageId ?? '';
      const both = ['--as-trace', 't.json', '--tree'];
      expect((await run(folder, 'inspect', messageId, ...both)).code).toBe(2);
      const nowhere = ['-p', '@last', '--as-trace', join('no', 'folder', 't.json')];
      const unwritten = await run(folder, 'inspect', messageId, ...nowhere);
      expect([unwritten.code, unwritten.stderr]).toEqual([2, expect.stringContaining('t.json')]);
    }),
  240_000,
);
