/** Backlog, audit, faults, processor time and thresholds: one function a section. */
import { fitLine, type Line, lineWidth, span } from '../../report/ansi.js';
import { faultName } from '../../report/faults.js';
import {
  fixed,
  formatClock,
  formatCount,
  formatDuration,
  formatShare,
} from '../../report/format.js';
import { highest, progressBar } from '../charts.js';
import { inRow, type Screen } from './screen.js';
import type { BenchState } from './state.js';
import { judgeSoFar } from './thresholds.js';

interface Queue {
  readonly endpoint: string;
  readonly messages: number;
  readonly peak: number;
}

/** Worst first, by what waits now, then by the peak; equals stay in the profile's order. */
function queues(state: BenchState): readonly Queue[] {
  const all = (state.latest?.backlog ?? []).map((queue) => ({
    ...queue,
    peak: state.backlogPeak[queue.endpoint] ?? 0,
  }));
  return all.sort((one, other) => other.messages - one.messages || other.peak - one.peak);
}

/** One line: the worst endpoints, then how many more there are and what they hold together. */
export function backlogLine(state: BenchState, columns: number): Line {
  const sorted = queues(state);
  if (sorted.length === 0) return inRow([[span('nothing known yet', 'gray')]], columns);
  for (let shown = sorted.length; shown > 0; shown -= 1) {
    const rest = sorted.slice(shown);
    const held = rest.reduce((sum, queue) => sum + queue.messages, 0);
    const items = sorted.slice(0, shown).map((queue) => backlogItem(queue));
    if (rest.length > 0) items.push([span(`+${rest.length} more: ${formatCount(held)}`, 'gray')]);
    const line = inRow(items, Number.POSITIVE_INFINITY);
    if (lineWidth(line) <= columns) return line;
  }
  return inRow([[span(`${sorted.length} endpoints`)]], columns);
}

function backlogItem(queue: Queue): Line {
  return [span(`${queue.endpoint} ${formatCount(queue.messages)}`)];
}

/** A table for wide screens: now, peak and a bar. */
export function backlogTable(
  state: BenchState,
  columns: number,
  rows: number,
  screen: Screen,
): Line[] {
  const sorted = queues(state);
  const shown = sorted.length > rows ? sorted.slice(0, rows - 1) : sorted;
  const most = Math.max(1, highest(sorted.map((queue) => queue.peak)));
  const lines = shown.map((queue) => {
    const text = ` ${queue.endpoint.slice(0, 20).padEnd(20)}${numberCell(queue.messages)}${numberCell(queue.peak)}  `;
    const room = Math.max(4, columns - text.length - 1);
    const width = Math.round((queue.messages / most) * room);
    return [span(text), span(progressBar(1, width, screen), 'yellow')];
  });
  const rest = sorted.slice(shown.length);
  const held = rest.reduce((sum, queue) => sum + queue.messages, 0);
  if (rest.length > 0) lines.push([span(` +${rest.length} more: ${formatCount(held)}`, 'gray')]);
  return lines;
}

function numberCell(value: number): string {
  return formatCount(value).padStart(8);
}

/** Counts of evidence seen; the verdict waits for the drain, and the line says so. */
export function auditLine(state: BenchState, columns: number): Line {
  const verdict = state.summary?.result.verdict.audit;
  if (verdict) return inRow([[span(verdict, undefined, true)]], columns);
  const audit = state.latest?.audit;
  if (!audit) return inRow([[span('no evidence read so far', 'gray')]], columns);
  return inRow(
    [
      [span(`entered ${formatCount(audit.entered)}`)],
      [span(`committed ${formatCount(audit.committed)}`)],
      [span(`redelivered ${formatCount(audit.redelivered)}`)],
      [span('(judged after the drain)', 'gray')],
    ],
    columns,
  );
}

/** Counts by kind, then the newest strike; cut, not dropped, where the room ends. */
export function faultsLine(state: BenchState, columns: number): Line {
  const counts = Object.entries(state.faultCounts);
  const warning = state.warnings.at(-1);
  const items: Line[] = counts.map(([kind, count]) => [
    span(`${kind} ${formatCount(count)}`, 'red'),
  ]);
  const newest = state.strikes.at(-1);
  if (newest) items.push(strike(newest));
  if (items.length === 0) items.push([span('no faults so far', 'gray')]);
  if (warning !== undefined) items.unshift([span(`! ${warning}`, 'yellow')]);
  return fitLine(inRow(items, Number.POSITIVE_INFINITY), columns);
}

/** The newest strikes, newest first, one a line. */
export function faultLines(state: BenchState, rows: number): Line[] {
  const warnings = state.warnings.map((text): Line => [span(` ! ${text}`, 'yellow')]);
  const strikes = [...state.strikes].reverse().map((fault): Line => [span(' '), ...strike(fault)]);
  return [...warnings, ...strikes].slice(0, rows);
}

function strike(fault: BenchState['strikes'][number]): Line {
  const outcome =
    fault.recoveredMs === null
      ? span('  not back yet', 'yellow')
      : span(`  back after ${formatDuration(fault.recoveredMs)}`, 'gray');
  return [
    span(`${formatClock(fault.atMs)} `, 'gray'),
    span(faultName(fault), 'red'),
    outcome,
    ...(fault.kind === 'stall' && !fault.counts ? [span(' (not redelivered yet)', 'gray')] : []),
  ];
}

/** Shares of one core per process group, and what a message costs in storage calls. */
export function resourcesLine(state: BenchState, columns: number): Line {
  const { latest } = state;
  if (latest === null) return inRow([[span('no measurement yet', 'gray')]], columns);
  const { cpu } = latest;
  return inRow(
    [
      [span(`workers ${formatShare(cpu.workers)}`)],
      [span(`generator ${formatShare(cpu.generator)}`)],
      [span(`audit ${formatShare(cpu.audit)}`)],
      [span(`view ${formatShare(cpu.view)}`)],
      [span(`storage calls/msg ${fixed(latest.storageCallsPerMessage, 2)}`)],
    ],
    columns,
  );
}

/** A mark and the text of each threshold, missed ones first, open ones last. */
export function thresholdItems(state: BenchState): Line[] {
  const ended = state.summary?.result.thresholds;
  const judged = ended
    ? ended.map(({ text, holds }) => ({ text, holds }))
    : (state.start?.thresholds ?? []).map((text) => judgeSoFar(text, state.latest));
  const urgency = (holds: boolean | null) => (holds === false ? 0 : holds ? 1 : 2);
  const sorted = [...judged].sort((one, other) => urgency(one.holds) - urgency(other.holds));
  return sorted.map(({ text: full, holds }) => {
    const text = full.replace(/^stages\./, '');
    if (holds === null) return [span('.  ', 'gray'), span(text, 'gray')];
    return holds ? [span('ok ', 'green'), span(text)] : [span('x  ', 'red', true), span(text)];
  });
}
