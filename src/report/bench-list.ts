/** `bench list` for people: a run a line, the newest first as they come. */
import type { BenchResult, RunStatus } from '../bench/result.js';
import { formatMs, formatRate } from './format.js';

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

/** An aligned table with its header; a sentence when there is no run. */
export function renderBenchList(rows: readonly BenchListRow[]): string {
  if (rows.length === 0) return 'No runs yet. Start one: oncectl bench run quick\n';
  const heads = ['RUN', 'PROFILE', 'PROTOCOL', 'STATUS', 'HANDLED/s', 'HOP p99 ms', 'AUDIT'];
  const cells = rows.map((row) => [
    row.runId,
    row.profile,
    row.protocol,
    row.status,
    row.handledPerSecond === null ? '.' : formatRate(row.handledPerSecond),
    row.hopP99Us === null ? '.' : formatMs(row.hopP99Us),
    row.audit,
  ]);
  const table = [heads, ...cells];
  const widths = heads.map((_, column) =>
    Math.max(...table.map((line) => [...(line[column] ?? '')].length)),
  );
  return table.map((line) => `${alignRow(line, widths)}\n`).join('');
}

/** Numbers stand at the right of their column. */
function alignRow(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 4 || column === 5 ? cell.padStart(width) : cell.padEnd(width);
    })
    .join('  ')
    .trimEnd();
}
