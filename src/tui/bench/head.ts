/** The first three lines: what runs, how far it is, and the rates. */
import type { BenchPhase } from '../../bench/events.js';
import { type Line, lineWidth, span, spread } from '../../report/ansi.js';
import { formatClock, formatCount, formatDuration, formatRate } from '../../report/format.js';
import { progressBar } from '../charts.js';
import { inRow, type Screen } from './screen.js';
import type { BenchState } from './state.js';

/** A snapshot comes about once a second; silence longer than this is said. */
const staleAfterMs = 4000;

const phaseWords: Readonly<Record<BenchPhase, string>> = {
  preparing: 'preparing',
  'warming-up': 'warming up',
  measuring: 'measuring',
  draining: 'draining: waiting until nothing is in flight',
  auditing: 'auditing: reading the evidence',
  reporting: 'writing the report',
  done: 'done',
};

export function headerLine(state: BenchState, screen: Screen): Line {
  const { start } = state;
  const left = start
    ? [
        span(' oncectl bench ', undefined, true),
        span(` ${start.profile}`, 'cyan', true),
        span(`  ${start.protocol} on ${start.backend}  seed ${start.seed}`),
      ]
    : [span(' oncectl bench', undefined, true)];
  return spread(left, freshness(state, screen), screen.columns);
}

function freshness(state: BenchState, screen: Screen): Line {
  if (screen.paused) return [span('PAUSED (p goes on) ', 'yellow', true)];
  if (!isLoading(state) || state.latest === null) return [];
  const age = screen.now - state.latestAt;
  if (age > staleAfterMs) return [span(`STALE ${formatDuration(age)} `, 'red', true)];
  return [span(`live ${formatClock(state.latest.atMs + age)} `, 'gray')];
}

function isLoading(state: BenchState): boolean {
  return state.phase === 'warming-up' || state.phase === 'measuring';
}

/** Stage, bar, time left and whether the generator keeps up; the phase when no load runs. */
export function progressLine(state: BenchState, screen: Screen): Line {
  if (!isLoading(state) || state.latest === null) return phaseLine(state, screen);
  const { stageElapsed, duration, number, name } = stageProgress(state, screen.now);
  const total = state.start?.stages.length ?? 0;
  const left = [span(` stage ${number}/${total} `), span(name, 'cyan', true), span('  ')];
  const clock = `  ${formatClock(stageElapsed)}/${formatClock(duration)}`;
  const more = `  ${formatDuration(Math.max(0, duration - stageElapsed))} left`;
  const verdict = generatorWord(state);
  const room = screen.columns - lineWidth(left) - clock.length - more.length;
  const width = Math.max(4, room - lineWidth(verdict) - 3);
  const bar = progressBar(stageElapsed / duration, width, screen);
  return [...left, span(bar, 'green'), span(clock), span(more), span('  '), ...verdict];
}

function phaseLine(state: BenchState, screen: Screen): Line {
  const inFlight = state.latest?.inFlight;
  const draining = state.phase === 'draining' && inFlight !== undefined;
  return inRow(
    [
      [span(phaseWords[state.phase], 'cyan', true)],
      [span(formatClock(screen.now - state.phaseSince))],
      ...(draining ? [[span(`in flight ${formatCount(inFlight)}`)]] : []),
      ...(state.note ? [[span(state.note)]] : []),
    ],
    screen.columns,
  );
}

interface StageProgress {
  readonly stageElapsed: number;
  readonly duration: number;
  readonly number: number;
  readonly name: string;
}

/** Runs on between two snapshots, but never past the stage's end. */
function stageProgress(state: BenchState, now: number): StageProgress {
  const latest = state.latest;
  const name = latest?.stage ?? '';
  const index = state.start?.stages.findIndex((stage) => stage.name === name) ?? -1;
  const duration = Math.max(1, latest?.stageDurationMs ?? 1);
  const since = Math.min(Math.max(0, now - state.latestAt), staleAfterMs);
  const stageElapsed = Math.min(duration, (latest?.stageElapsedMs ?? 0) + since);
  return { stageElapsed, duration, number: index + 1, name };
}

function generatorWord(state: BenchState): Line {
  if (state.latest === null) return [];
  return state.latest.generatorValid
    ? [span('generator ok', 'green')]
    : [span('GENERATOR BEHIND', 'red', true)];
}

/** Rates of the last interval, what is in flight, and how much is done. */
export function ratesLine(state: BenchState, screen: Screen): Line {
  const { latest, start } = state;
  if (latest === null) return inRow([[span('no measurement yet', 'gray')]], screen.columns);
  const planned = start ? `/${formatCount(start.plannedHandled)}` : '';
  const items: Line[] = [
    [span(`offered ${formatRate(latest.offeredPerSecond)}/s`)],
    [span(`sent ${formatRate(latest.sentPerSecond)}/s`)],
    [span('handled '), span(`${formatRate(latest.handledPerSecond)}/s`, undefined, true)],
    [span(`chains ${formatRate(latest.chainsPerSecond)}/s`)],
    [span(`in flight ${formatCount(latest.inFlight)}`)],
    [span(`handled so far ${formatCount(latest.handled)}${planned}`)],
    [span(`entered so far ${formatCount(latest.sent)}`)],
  ];
  return inRow(items, screen.columns);
}

/** Everything that matters in the least room: below 60 x 16. */
export function oneLine(state: BenchState, screen: Screen): Line {
  const { latest, summary } = state;
  if (summary) return [span(` ${summary.result.status}`, undefined, true)];
  if (latest === null || !isLoading(state)) return [span(` ${state.phase}`, 'cyan', true)];
  const { stageElapsed, duration, name } = stageProgress(state, screen.now);
  const items: Line[] = [
    latest.generatorValid ? [span('ok', 'green')] : [span('BEHIND', 'red', true)],
    [span(`${formatRate(latest.handledPerSecond)}/s`)],
    [span(`${formatClock(stageElapsed)}/${formatClock(duration)}`)],
    [span(name, 'cyan')],
  ];
  return inRow(items, screen.columns);
}
