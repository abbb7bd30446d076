/** The pacer's real thread, as it is in `dist`: `npm test` has built it. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { load, stage } from './loads.js';

const compiled = (name: string) => new URL(`../../dist/src/load/${name}`, import.meta.url).href;

/** Runs `body` in a process of its own; answers what it printed. */
function run(body: string): unknown {
  const profile = load({ stages: [stage({ fromPerSecond: 500, durationMs: 400 })] });
  const program = `
    import { startPacer } from '${compiled('pacer.js')}';
    import { createSchedule } from '${compiled('schedule.js')}';
    import { preciseNow } from '${compiled('../engine/clock.js')}';
    const schedule = createSchedule(${JSON.stringify(profile)}, 1, 'run');
    const seen = [];
    const done = (value) => console.log(JSON.stringify(value));
    ${body}`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a pacer thread posts every message, none before its time', () => {
  const result = run(`
    const startAt = preciseNow() + 100;
    const pacer = startPacer({ schedule, startAt, onError: done, onDue(due) {
      seen.push([due, preciseNow() - startAt]);
      if (due === 200) pacer.stop().then(() => done(seen));
    }});`) as [number, number][];
  expect(result.at(-1)?.[0]).toBe(200);
  // Two clocks are compared; they agree to a few microseconds.
  for (const [due, at] of result) expect(at).toBeGreaterThan((due - 1) * 2 - 0.05);
});

test('a pacer that is stopped posts nothing more and lets the process end', () => {
  const result = run(`
    const pacer = startPacer({ schedule, startAt: preciseNow(), onError: done, onDue(due) {
      seen.push(due);
      if (seen.length === 1) pacer.stop().then(() => done(seen.length));
    }});`);
  expect(result).toBe(1);
});
