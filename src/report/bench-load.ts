/** Rates and latencies of a bench report. */
import type { BenchResult, LatencySummary, StageResult } from '../bench/result.js';
import { type Line, type Span, span } from './ansi.js';
import { formatCount, formatDuration, formatMs, formatRate } from './format.js';
import { latencyRows, quantileColumns } from './latency-rows.js';

const labelWidth = 14;
/** Endpoints with a hop p99 this many times the median are told apart. */
const differs = 1.5;
const endpointsShown = 5;

/** One row a stage. Handled and chains stand in columns of their own: they are never mixed. */
export function rateSection(result: BenchResult): Line[] {
  if (result.stages.length === 0) return [[span('No stage was run.')]];
  const heads = ['offered', 'sent', 'handled', 'chains', 'backlog'];
  const width = Math.max(24, ...result.stages.map((stage) => [...stageLabel(stage)].length));
  return [
    [span('Rates per second', undefined, true)],
    [span(' '.repeat(width) + heads.map((head) => head.padStart(9)).join(''), 'gray')],
    ...result.stages.map((stage) => stageRow(stage, width)),
    [span(' handled: hops, one for every endpoint passed; chains: whole ways', 'gray')],
  ];
}

function stageLabel(stage: StageResult): string {
  const duration = formatDuration(stage.durationSeconds * 1000);
  return ` ${stage.name} ${duration}${stage.measured ? '' : ', not measured'}`;
}

function stageRow(stage: StageResult, width: number): Line {
  const rates = [
    stage.offeredPerSecond,
    stage.sentPerSecond,
    stage.handledPerSecond,
    stage.chainsPerSecond,
  ];
  const { flat, lastThirdMax } = stage.backlog;
  return [
    span(stageLabel(stage).padEnd(width)),
    span(rates.map((rate) => formatRate(rate).padStart(9)).join('')),
    span(formatCount(lastThirdMax).padStart(9)),
    // A warm-up fills the queues: whether they stay level is asked of what is measured.
    ...(stage.measured ? [flatness(flat)] : []),
  ];
}

function flatness(flat: boolean): Span {
  return flat ? span(' flat', 'green') : span(' GROWING', 'red', true);
}

/** A table for each measured stage, then its endpoints where they differ. */
export function latencySections(result: BenchResult): Line[][] {
  return result.stages
    .filter((stage) => stage.measured)
    .flatMap((stage) => [latencyTable(stage), endpointTable(stage)]);
}

function latencyTable(stage: StageResult): Line[] {
  return [
    [span(`Latency from the intended time, ms (${stage.name})`, undefined, true)],
    tableHead('count'),
    ...latencyRows.map(({ name, label }) => summaryRow(label, stage.latency[name])),
  ];
}

function tableHead(last: string): Line {
  const heads = [...quantileColumns.map(({ label }) => label), last];
  return [span(''.padEnd(labelWidth) + heads.map((head) => head.padStart(10)).join(''), 'gray')];
}

function summaryRow(label: string, summary: LatencySummary): Line {
  const cells = quantileColumns.map(({ key }) =>
    (summary.count > 0 ? formatMs(summary[key]) : '.').padStart(10),
  );
  return [
    span(` ${label}`.padEnd(labelWidth)),
    span(cells.join('') + formatCount(summary.count).padStart(10)),
  ];
}

/** Nothing when all endpoints are alike. */
function endpointTable(stage: StageResult): Line[] {
  const sorted = [...stage.endpoints].sort((one, other) => other.hop.p99 - one.hop.p99);
  const median = sorted[Math.floor(sorted.length / 2)]?.hop.p99 ?? 0;
  const apart = sorted.filter((endpoint) => endpoint.hop.p99 > differs * median);
  if (apart.length === 0) return [];
  const shown = apart.slice(0, endpointsShown);
  const rest = sorted.length - shown.length;
  const restText = rest > 0 ? ` ${rest} others: hop p99 ${formatMs(median)} ms in the middle` : '';
  return [
    [span(`Hop latency of the slowest endpoints, ms (${stage.name})`, undefined, true)],
    tableHead('handled'),
    ...shown.map(({ name, hop }) => summaryRow(name, hop)),
    ...(restText === '' ? [] : [[span(restText, 'gray')]]),
  ];
}
