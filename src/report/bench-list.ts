/** `bench list`: what is told of each run, and its table. */
import type { BenchResult, RunStatus } from '../bench/result.js';
import { formatMs, formatRate } from './format.js';
import type { Cell, Table } from './output.js';

export interface BenchListRow {
  readonly runId: string;
  readonly folder: string;
  readonly startedAt: string;
  readonly profile: string;
  readonly protocol: string;
  /** `unreadable`: a folder whose result cannot be read. */
  readonly status: RunStatus | 'unreadable';
  /** Of the last measured stage; null when there is none. */
  readonly handledPerSecond: number | null;
  readonly hopP99Us: number | null;
  readonly audit: 'clean' | 'violated' | 'undecided' | 'not audited';
}

/** The row of one result. */
export function benchListRow(result: BenchResult, folder: string): BenchListRow {
  const stage = result.stages.filter(({ measured }) => measured).at(-1);
  return {
    runId: result.runId,
    folder,
    startedAt: result.startedAt,
    profile: result.profile.name,
    protocol: result.profile.resolved.deployment.protocol,
    status: result.status,
    handledPerSecond: stage?.handledPerSecond ?? null,
    hopP99Us: stage !== undefined && stage.latency.hop.count > 0 ? stage.latency.hop.p99 : null,
    audit: auditWord(result),
  };
}

function auditWord({ correctness }: BenchResult): BenchListRow['audit'] {
  if (correctness === null) return 'not audited';
  if (!correctness.clean) return 'violated';
  return correctness.lossDecided ? 'clean' : 'undecided';
}

/** The row of a folder whose result is missing or cannot be read. */
export function unreadableRow(runId: string, folder: string): BenchListRow {
  return {
    runId,
    folder,
    startedAt: '',
    profile: '',
    protocol: '',
    status: 'unreadable',
    handledPerSecond: null,
    hopP99Us: null,
    audit: 'not audited',
  };
}

/** The table of all rows, in their order. */
export function benchListTable(rows: readonly BenchListRow[]): Table {
  return {
    columns: [
      { name: 'RUN' },
      { name: 'PROFILE' },
      { name: 'PROTOCOL' },
      { name: 'STATUS' },
      { name: 'HANDLED/s', align: 'right' },
      { name: 'HOP p99 ms', align: 'right' },
      { name: 'AUDIT' },
    ],
    rows: rows.map((row) => [
      row.runId,
      row.profile,
      row.protocol,
      row.status,
      numberCell(row.handledPerSecond, formatRate),
      numberCell(row.hopP99Us === null ? null : row.hopP99Us / 1000, (ms) => formatMs(ms * 1000)),
      row.audit,
    ]),
    empty: 'No runs yet. Start one: oncectl bench run quick',
  };
}

function numberCell(value: number | null, shown: (value: number) => string): Cell {
  return value === null ? null : { shown: shown(value), exact: value };
}
