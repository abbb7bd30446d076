import { describe, expect, it } from 'vitest';
import type { BenchEvent } from '../../src/bench/events.js';
import { PlainLines, startPlainReporter } from '../../src/report/plain.js';
import { expectGolden } from '../tui/golden.js';
import { phase, recording, result, start } from '../tui/recording.mjs';

type Recorded = { readonly at: number; readonly event: unknown };

/** The lines of a run, `tick` called once a second as the reporter does. */
function linesOf(events: readonly Recorded[], seconds: number): string[] {
  const lines = new PlainLines();
  const waiting = [...events];
  const out: string[] = [];
  for (let second = 0; second <= seconds; second += 1) {
    while (waiting[0] !== undefined && waiting[0].at <= second) {
      out.push(...lines.add(waiting.shift()?.event as BenchEvent, second * 1000));
    }
    out.push(...lines.tick(second * 1000 + 500));
  }
  return out;
}

const kill = (at: number, endpoint: string) => ({
  at,
  event: {
    type: 'fault',
    fault: { kind: 'kill', atMs: at * 1000, endpoint, step: null, recoveredMs: null },
  },
});

describe('a bench in plain lines', () => {
  it('reads as accepted', () => {
    const events = [
      ...recording(),
      phase(71, 'draining'),
      phase(73, 'auditing'),
      { at: 90, event: { type: 'summary', result: result(), exitCode: 0 } },
    ];
    expectGolden('../../report/golden/plain.txt', linesOf(events, 90).join('\n'));
  });

  it('tells one line every five seconds, also when no event comes', () => {
    const lines = linesOf([{ at: 0, event: start }, phase(0, 'auditing')], 21);
    expect(lines.slice(2)).toEqual([
      '00:05  auditing, 5.5 s so far',
      '00:10  auditing, 11 s so far',
      '00:15  auditing, 16 s so far',
      '00:20  auditing, 21 s so far',
    ]);
  });

  it('tells a single strike at once and gathers a storm of them', () => {
    const storm = Array.from({ length: 40 }, (_, index) => kill(10, `endpoint-${index}`));
    const lines = linesOf([{ at: 0, event: start }, phase(0, 'measuring'), ...storm], 20);
    const faults = lines.filter((line) => line.includes('fault'));
    expect(faults).toEqual([
      '00:10  faults: kill endpoint-0',
      '00:10  measuring, 11 s so far  faults: kill 39',
    ]);
  });

  it('does not count a fault again when its recovery is reported', () => {
    const lines = linesOf(recording(40), 40).filter((line) => line.includes('kill'));
    expect(lines.join('\n').match(/kill orders/g)).toHaveLength(1);
  });

  it('holds nothing back when it is stopped, and is silent afterwards', async () => {
    const written: string[] = [];
    const reporter = startPlainReporter({ write: (text) => written.push(text) });
    reporter.publish(start as unknown as BenchEvent);
    for (const name of ['a', 'b', 'c']) reporter.publish(kill(1, name).event as BenchEvent);
    await reporter.stop();
    reporter.publish(start as unknown as BenchEvent);
    await reporter.stop();
    expect(written).toHaveLength(3);
    expect(written[2]).toBe('00:00  faults: kill b, kill c\n');
    expect(written.join('')).not.toContain('\u001b');
  });
});
