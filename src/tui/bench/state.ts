/** What the live view knows: events in, state out. Time comes in as a value, histories are bounded. */
import type {
  BenchEvent,
  BenchPhase,
  BenchPhaseChange,
  BenchSnapshot,
  BenchStart,
  BenchSummary,
} from '../../bench/events.js';
import type { FaultRecord } from '../../bench/result.js';
import { isStrike } from '../../report/faults.js';

/** Seconds of history kept: the widest chart drawn. */
const historyLimit = 240;
const faultLimit = 64;
const warningLimit = 4;

export interface HistoryPoint {
  readonly atMs: number;
  readonly handledPerSecond: number;
  /** Microseconds; null when nothing was handled. */
  readonly hopP99: number | null;
  readonly chainP99: number | null;
  readonly backlog: number;
}

export interface BenchState {
  readonly start: BenchStart | null;
  readonly phase: BenchPhase;
  readonly note: string | null;
  /** Clock of the viewer, ms: when the phase began, when the last snapshot came. */
  readonly phaseSince: number;
  readonly latest: BenchSnapshot | null;
  readonly latestAt: number;
  readonly history: readonly HistoryPoint[];
  readonly backlogPeak: Readonly<Record<string, number>>;
  /** The newest faults that strike a worker or a store, oldest first. */
  readonly strikes: readonly FaultRecord[];
  /** All faults by kind, those that hit single messages included. */
  readonly faultCounts: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly summary: BenchSummary | null;
}

export const emptyBenchState: BenchState = {
  start: null,
  phase: 'preparing',
  note: null,
  phaseSince: 0,
  latest: null,
  latestAt: 0,
  history: [],
  backlogPeak: {},
  strikes: [],
  faultCounts: {},
  warnings: [],
  summary: null,
};

/** The state after `event`, which arrived at `now` (viewer's clock, ms). Never throws. */
export function reduceBench(state: BenchState, event: BenchEvent, now: number): BenchState {
  switch (event.type) {
    case 'start':
      return { ...emptyBenchState, start: event, phaseSince: now };
    case 'phase':
      return withPhase(state, event, now);
    case 'snapshot':
      return withSnapshot(state, event, now);
    case 'fault':
      return withFault(state, event.fault);
    case 'warning':
      return { ...state, warnings: bounded(state.warnings, event.message, warningLimit) };
    case 'summary':
      return { ...state, summary: event, phase: 'done', phaseSince: now };
  }
}

function withPhase(state: BenchState, event: BenchPhaseChange, now: number): BenchState {
  const phaseSince = event.phase === state.phase ? state.phaseSince : now;
  return { ...state, phase: event.phase, note: event.note, phaseSince };
}

function withSnapshot(state: BenchState, event: BenchSnapshot, now: number): BenchState {
  const point: HistoryPoint = {
    atMs: event.atMs,
    handledPerSecond: event.handledPerSecond,
    hopP99: event.intervalHopP99,
    chainP99: event.intervalChainP99,
    backlog: event.backlog.reduce((sum, queue) => sum + queue.messages, 0),
  };
  return {
    ...state,
    latest: event,
    latestAt: now,
    phase: event.phase,
    phaseSince: event.phase === state.phase ? state.phaseSince : now,
    history: bounded(state.history, point, historyLimit),
    backlogPeak: peaks(state.backlogPeak, event),
  };
}

function peaks(before: BenchState['backlogPeak'], event: BenchSnapshot): BenchState['backlogPeak'] {
  const after: Record<string, number> = { ...before };
  for (const { endpoint, messages } of event.backlog) {
    after[endpoint] = Math.max(after[endpoint] ?? 0, messages);
  }
  return after;
}

/** A fault reported again (now with its recovery) replaces its first report. */
function withFault(state: BenchState, fault: FaultRecord): BenchState {
  const known = state.strikes.findIndex((other) => sameFault(other, fault));
  if (known >= 0) return { ...state, strikes: state.strikes.with(known, fault) };
  const count = (state.faultCounts[fault.kind] ?? 0) + 1;
  return {
    ...state,
    faultCounts: { ...state.faultCounts, [fault.kind]: count },
    strikes: isStrike(fault) ? bounded(state.strikes, fault, faultLimit) : state.strikes,
  };
}

function sameFault(one: FaultRecord, other: FaultRecord): boolean {
  return one.kind === other.kind && one.atMs === other.atMs && one.endpoint === other.endpoint;
}

function bounded<Item>(items: readonly Item[], item: Item, limit: number): readonly Item[] {
  return [...items.slice(Math.max(0, items.length - limit + 1)), item];
}
