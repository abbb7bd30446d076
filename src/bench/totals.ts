/** Sums over all processes of a run, also those that have died: each one's last report counts. */
import type { OperationCount } from '../engine/meter.js';
import type { Report } from './processes/messages.js';

export interface Totals {
  readonly handled: number;
  readonly chains: number;
  readonly sent: number;
  readonly accepted: number;
  readonly offered: number;
  readonly inFlight: number;
  readonly frozen: boolean;
  readonly redelivered: number;
  readonly conflicts: number;
  readonly failures: number;
  readonly committed: number;
  readonly cpu: {
    readonly generator: number;
    readonly workers: number;
    readonly audit: number;
    readonly view: number;
    /** null: no database server is seen on this machine. */
    readonly server: number | null;
  };
  readonly injected: Readonly<Record<string, number>>;
  readonly byEndpoint: Readonly<Record<string, number>>;
  readonly operations: Readonly<Record<string, number>>;
  /** By store. */
  readonly flushes: Readonly<Record<string, number>>;
}

export interface TickReports {
  /** By process name: a restarted worker has another one. */
  readonly workers: ReadonlyMap<string, Report>;
  readonly generator: Report | null;
  readonly auditor: Report | null;
  /** Processor seconds of this process since it began. */
  readonly viewCpuSeconds: number;
}

export class RunningTotals {
  readonly #workers = new Map<string, Report>();
  #generator: Report | null = null;
  #auditor: Report | null = null;
  #live = new Set<string>();
  #view = 0;

  take(reports: TickReports): void {
    this.#live = new Set(reports.workers.keys());
    for (const [name, report] of reports.workers) this.#workers.set(name, report);
    this.#generator = reports.generator ?? this.#generator;
    this.#auditor = reports.auditor ?? this.#auditor;
    this.#view = reports.viewCpuSeconds;
  }

  get auditor(): Report | null {
    return this.#auditor;
  }

  now(): Totals {
    const workers = [...this.#workers.values()];
    const live = [...this.#workers].filter(([name]) => this.#live.has(name));
    const sum = (of: (report: Report) => number) => workers.reduce((all, one) => all + of(one), 0);
    const generator = this.#generator?.generator;
    return {
      handled: sum(({ worker }) => worker?.handled ?? 0),
      chains: sum(({ worker }) => worker?.chains ?? 0),
      redelivered: sum(({ worker }) => worker?.redelivered ?? 0),
      conflicts: sum(({ worker }) => worker?.conflicts ?? 0),
      failures: sum(({ worker }) => worker?.failures ?? 0),
      inFlight: live.reduce((all, [, { worker }]) => all + (worker?.inFlight ?? 0), 0),
      frozen: live.some(([, { worker }]) => worker?.frozen === true),
      sent: generator?.sent ?? 0,
      accepted: generator?.accepted ?? 0,
      offered: generator?.offered ?? 0,
      committed: this.#auditor?.auditor?.committed ?? 0,
      cpu: {
        generator: this.#generator?.cpuSeconds ?? 0,
        workers: sum(({ cpuSeconds }) => cpuSeconds),
        audit: this.#auditor?.cpuSeconds ?? 0,
        view: this.#view,
        server: this.#auditor?.auditor?.serverCpuSeconds ?? null,
      },
      injected: addUp(workers.map(({ worker }) => worker?.injected ?? {})),
      byEndpoint: addUp(workers.map(({ worker }) => worker?.handledByEndpoint ?? {})),
      flushes: addUp(workers.map(({ worker }) => flushesOf(worker?.flushes ?? {}))),
      operations: addUp(workers.map(({ worker }) => callsOf(worker?.operations ?? {}))),
    };
  }

  /** Peak memory: of a group of processes the sum of each one's own peak. */
  peaks(): { readonly generator: number; readonly workers: number; readonly audit: number } {
    const live = [...this.#workers].filter(([name]) => this.#live.has(name));
    return {
      generator: this.#generator?.peakRssBytes ?? 0,
      workers: live.reduce((all, [, { peakRssBytes }]) => all + peakRssBytes, 0),
      audit: this.#auditor?.peakRssBytes ?? 0,
    };
  }
}

function callsOf(operations: Readonly<Record<string, OperationCount>>): Record<string, number> {
  return Object.fromEntries(Object.entries(operations).map(([name, { calls }]) => [name, calls]));
}

function flushesOf(
  counts: Readonly<Record<string, { readonly flushes: number }>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, { flushes }]) => [name, flushes]));
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of counts) {
    for (const [name, value] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}
