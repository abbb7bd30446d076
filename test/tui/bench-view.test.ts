import { renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import type { BenchEvent } from '../../src/bench/events.js';
import { lineWidth } from '../../src/report/ansi.js';
import { benchLines } from '../../src/tui/bench/layout.js';
import type { Screen } from '../../src/tui/bench/screen.js';
import { type BenchState, emptyBenchState, reduceBench } from '../../src/tui/bench/state.js';
import { BenchView } from '../../src/tui/bench/view.js';
import { expectGolden } from './golden.js';
import { phase, recording, result } from './recording.mjs';

interface Shot {
  readonly columns: number;
  readonly rows: number;
  readonly ascii?: boolean;
  readonly color?: boolean;
  readonly interrupts?: number;
  readonly paused?: boolean;
  readonly lateMs?: number;
}

/** The state after the first `seconds` of the recording, and some more events. */
function stateAt(
  seconds: number,
  more: readonly { at: number; event: unknown }[] = [],
): BenchState {
  return [...recording(seconds), ...more].reduce(
    (state, { at, event }) => reduceBench(state, event as BenchEvent, at * 1000),
    emptyBenchState,
  );
}

function screenOf(state: BenchState, shot: Shot): Screen {
  return {
    columns: shot.columns,
    rows: shot.rows,
    ascii: shot.ascii ?? false,
    now: state.latestAt + (shot.lateMs ?? 400),
    paused: shot.paused ?? false,
    interrupts: shot.interrupts ?? 0,
  };
}

function frame(state: BenchState, shot: Shot): string {
  const screen = screenOf(state, shot);
  const view = createElement(BenchView, { state, screen, color: shot.color ?? false });
  return renderToString(view, { columns: shot.columns });
}

const atWork = stateAt(52);
const done = stateAt(70, [
  phase(71, 'draining'),
  { at: 75, event: { type: 'summary', result: result(), exitCode: 0 } },
]);

describe('the bench screen', () => {
  it.each([
    ['80x24', { columns: 80, rows: 24 }],
    ['160x48', { columns: 160, rows: 48 }],
    ['160x40', { columns: 160, rows: 40 }],
    ['70x18', { columns: 70, rows: 18 }],
    ['59x15', { columns: 59, rows: 15 }],
    ['80x24-ascii', { columns: 80, rows: 24, ascii: true }],
    ['160x48-ascii', { columns: 160, rows: 48, ascii: true }],
  ])('looks as accepted at %s', (name, shot) => {
    expectGolden(`bench-${name}.txt`, frame(atWork, shot));
  });

  it('says before the first event that it is preparing', () => {
    expectGolden('bench-empty.txt', frame(emptyBenchState, { columns: 80, rows: 24 }));
  });

  it('shows what is waited for while draining', () => {
    const draining = stateAt(70, [phase(71, 'draining', null, 'two leases still run')]);
    expectGolden('bench-draining.txt', frame(draining, { columns: 80, rows: 24, lateMs: 3000 }));
  });

  it('ends with the verdict of the audit and the judged thresholds', () => {
    expectGolden('bench-done.txt', frame(done, { columns: 80, rows: 24 }));
  });

  it.each([40, 59, 60, 61, 72, 80, 100, 139, 140, 160, 240])(
    'is never wider than %i columns nor higher than all lines of the screen but one',
    (columns) => {
      for (const rows of [2, 10, 15, 16, 20, 24, 35, 36, 40, 48, 70]) {
        for (const state of [emptyBenchState, stateAt(1), atWork, done]) {
          const lines = benchLines(state, screenOf(state, { columns, rows }));
          expect(lines.length).toBeLessThanOrEqual(rows - 1);
          expect(Math.max(...lines.map(lineWidth))).toBeLessThanOrEqual(columns);
        }
      }
    },
  );

  it('fills all lines of the screen but the last', () => {
    for (const rows of [2, 16, 24, 70]) {
      expect(frame(atWork, { columns: 80, rows }).split('\n')).toHaveLength(rows - 1);
    }
  });

  it('prints no escape sequence at all without colour', () => {
    expect(frame(atWork, { columns: 80, rows: 24 })).not.toContain('\u001b');
  });

  it('says with colour the same as without', () => {
    const colored = frame(atWork, { columns: 80, rows: 24, color: true });
    expect(colored).toContain('\u001b[32m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
    const bare = colored.replace(/\u001b\[[\d;]*m/g, '');
    const trimmed = bare.replace(/ +$/gm, '');
    expect(trimmed).toBe(frame(atWork, { columns: 80, rows: 24 }));
  });

  it('uses nothing but ASCII when asked to', () => {
    for (const columns of [60, 80, 160]) {
      const text = frame(atWork, { columns, rows: 48, ascii: true });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range
      expect(text).toMatch(/^[\u0000-\u007f]*$/);
    }
  });

  it('calls data stale when no snapshot came for a while', () => {
    expect(frame(atWork, { columns: 80, rows: 24, lateMs: 9000 })).toContain('STALE 9.0 s');
  });

  it('tells a paused view from a live one', () => {
    expect(frame(atWork, { columns: 80, rows: 24, paused: true })).toContain('PAUSED');
  });

  it('tells after the first ^C what the second one does', () => {
    const text = frame(atWork, { columns: 80, rows: 24, interrupts: 1 });
    expect(text).toContain('^C again stops at once');
  });

  it('lets no control character from a name or a warning reach the terminal', () => {
    const state = stateAt(5, [
      { at: 5, event: { type: 'warning', message: 'disk \u001b[2J slow\nreally' } },
    ]);
    const text = frame(state, { columns: 160, rows: 48 });
    expect(text).toContain('disk  [2J slow really');
  });
});
