/**
 * A bench in plain lines, for pipes, CI and `--no-tui`: one every five seconds, one for each phase,
 * and faults gathered so that a storm of them is not a storm of lines. Never any colour.
 */
import type { BenchEvent, BenchPhaseChange, BenchSnapshot, BenchStart } from '../bench/events.js';
import type { FaultRecord } from '../bench/result.js';
import { countKinds, faultName, isStrike } from './faults.js';
import {
  formatClock,
  formatCount,
  formatDuration,
  formatMs,
  formatRate,
  plural,
} from './format.js';

const lineEveryMs = 5000;
const lookEveryMs = 1000;
const namedStrikes = 2;

export interface PlainReporter {
  /** Takes an event; returns at once. */
  publish(event: BenchEvent): void;
  /** Writes what is still held back. Further events are ignored. */
  stop(): Promise<void>;
}

/** Reports to `write`, which gets whole lines with their newline. */
export function startPlainReporter(options: {
  readonly write: (text: string) => void;
}): PlainReporter {
  const lines = new PlainLines();
  let stopped = false;
  const put = (texts: readonly string[]) => {
    for (const text of texts) options.write(`${text}\n`);
  };
  const timer = setInterval(() => put(lines.tick(performance.now())), lookEveryMs);
  timer.unref();
  return {
    publish: (event) => {
      if (!stopped) put(lines.add(event, performance.now()));
    },
    stop: async () => {
      clearInterval(timer);
      if (!stopped) put(lines.flush(performance.now()));
      stopped = true;
    },
  };
}

/** Decides which lines come when. Pure but for its memory: time comes in as a value (ms). */
export class PlainLines {
  #startedAt = 0;
  #lineAt = 0;
  #phase: BenchPhaseChange | null = null;
  #phaseAt = 0;
  #latest: BenchSnapshot | null = null;
  #waiting: FaultRecord[] = [];
  #faultLineAt = Number.NEGATIVE_INFINITY;
  readonly #seen = new Set<string>();

  /** The lines that `event` causes. */
  add(event: BenchEvent, now: number): string[] {
    switch (event.type) {
      case 'start':
        this.#startedAt = now;
        this.#lineAt = now;
        return startLines(event);
      case 'phase':
        return this.#changePhase(event, now);
      case 'snapshot':
        this.#latest = event;
        return this.tick(now);
      case 'fault':
        return this.#hold(event.fault, now);
      case 'warning':
        return [this.#line(now, `warning: ${event.message}`)];
      case 'summary':
        return [...this.flush(now), this.#line(now, `${event.result.status}`)];
    }
  }

  /** The lines that are due because time went by. */
  tick(now: number): string[] {
    if (this.#phase === null || now - this.#lineAt < lineEveryMs) return [];
    this.#lineAt = now;
    const faults = this.#takeFaults();
    return [this.#progress(now) + (faults === null ? '' : `  ${faults}`)];
  }

  /** The faults held back so far. */
  flush(now: number): string[] {
    const faults = this.#takeFaults();
    return faults === null ? [] : [this.#line(now, faults)];
  }

  #changePhase(event: BenchPhaseChange, now: number): string[] {
    const before = this.flush(now);
    this.#phase = event;
    this.#phaseAt = now;
    this.#lineAt = now;
    // A snapshot says nothing about a phase that it was not taken in.
    this.#latest = null;
    const words = [event.phase, event.stage, event.note].filter((part) => part !== null);
    return [...before, this.#line(now, words.join(', '))];
  }

  /** A strike after a quiet while is told at once, others with the next line. */
  #hold(fault: FaultRecord, now: number): string[] {
    if (this.#isKnown(fault)) return [];
    this.#waiting.push(fault);
    if (!isStrike(fault) || now - this.#faultLineAt < lineEveryMs) return [];
    this.#faultLineAt = now;
    return this.flush(now);
  }

  /** A strike comes again when its recovery is known. */
  #isKnown(fault: FaultRecord): boolean {
    if (!isStrike(fault)) return false;
    const name = `${fault.atMs} ${faultName(fault)}`;
    const known = this.#seen.has(name);
    this.#seen.add(name);
    return known;
  }

  /** Few strikes are named, many are counted. */
  #takeFaults(): string | null {
    const faults = this.#waiting;
    if (faults.length === 0) return null;
    this.#waiting = [];
    const strikes = faults.filter(isStrike);
    const named = strikes.length <= namedStrikes;
    const counted = named ? faults.filter((fault) => !isStrike(fault)) : faults;
    const texts = [...(named ? strikes.map(faultName) : []), countKinds(counted)];
    return `faults: ${texts.filter((text) => text !== '').join(', ')}`;
  }

  #progress(now: number): string {
    const { phase, stage } = this.#phase ?? { phase: 'preparing', stage: null };
    const latest = this.#latest;
    if (latest === null) {
      return this.#line(now, `${phase}, ${formatDuration(now - this.#phaseAt)} so far`);
    }
    return this.#line(now, [stage ?? phase, ...measured(latest)].join('  '));
  }

  #line(now: number, text: string): string {
    return `${formatClock(now - this.#startedAt)}  ${text}`;
  }
}

function startLines(event: BenchStart): string[] {
  const total = event.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  const parts = [
    `${event.protocol} on ${event.backend}`,
    plural(event.endpoints.length, 'endpoint'),
    `seed ${event.seed}`,
    `${formatDuration(total)} of load`,
    event.folder,
  ];
  return [`oncectl bench ${event.profile}: ${parts.join(', ')}`];
}

function measured(latest: BenchSnapshot): string[] {
  const backlog = latest.backlog.reduce((sum, queue) => sum + queue.messages, 0);
  const { hop, chain } = latest.latency;
  return [
    `offered ${formatRate(latest.offeredPerSecond)}/s`,
    `sent ${formatRate(latest.sentPerSecond)}/s`,
    `handled ${formatRate(latest.handledPerSecond)}/s`,
    `in flight ${formatCount(latest.inFlight)}`,
    `backlog ${formatCount(backlog)}`,
    ...(hop.count > 0 ? [`hop p99 ${formatMs(hop.p99)} ms`] : []),
    ...(chain.count > 0 ? [`chain p99 ${formatMs(chain.p99)} ms`] : []),
    ...(latest.generatorValid ? [] : ['GENERATOR BEHIND']),
  ];
}
