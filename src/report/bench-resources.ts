/** Processor time, storage calls, thresholds, disk and machine of a bench report. */
import type { BenchResult, DiskProbe, ThresholdResult } from '../bench/result.js';
import { type Line, span } from './ansi.js';
import { fixed, formatBytes, formatMs, formatRate, plural } from './format.js';

/** Workers and storage together; what only watches or drives them stands apart. */
export function cpuSection(result: BenchResult): Line[] {
  const { workers, server, generator, audit, view, store } = result.resources;
  const handled =
    workers.perHandledMessageMs > 0
      ? (workers.cpuSeconds * 1000) / workers.perHandledMessageMs
      : Number.NaN;
  const row = (label: string, cpuSeconds: number, peak: number | null, more = ''): Line => {
    const each = (cpuSeconds * 1000) / handled;
    const perMessage = Number.isNaN(each) ? '.' : fixed(each, 3);
    return [
      span(` ${label}`.padEnd(22)),
      span(perMessage.padStart(9)),
      span(`${fixed(cpuSeconds, 1)} s`.padStart(12)),
      span((peak === null ? '.' : formatBytes(peak)).padStart(14)),
      span(more === '' ? '' : `  ${more}`, 'gray'),
    ];
  };
  const processes = `in ${plural(workers.processes, 'process', 'processes')}`;
  return [
    [span('CPU per handled message, ms', undefined, true)],
    [span(`${' '.repeat(25)}per msg   CPU time   peak memory`, 'gray')],
    row(
      server ? 'workers' : 'workers and storage',
      workers.cpuSeconds,
      workers.peakRssBytes,
      processes,
    ),
    ...(server ? [row('database server', server.cpuSeconds, null, 'on this machine')] : []),
    row('generator', generator.cpuSeconds, generator.peakRssBytes),
    row('audit', audit.cpuSeconds, audit.peakRssBytes),
    row('view', view.cpuSeconds, view.peakRssBytes),
    [
      span(
        ` stored bytes: ${formatBytes(store.bytesBefore)} before, ${formatBytes(store.bytesAfter)} after`,
      ),
    ],
  ];
}

/** Calls per handled message by operation, those that were made; the audit's own stand apart and are not in the sum. */
export function callSection(result: BenchResult): Line[] {
  const { perHandledMessage } = result.operations;
  const all = Object.entries(perHandledMessage).filter(([, calls]) => calls > 0);
  const own = all.filter(([operation]) => !operation.startsWith('audit.'));
  if (own.length === 0) return [];
  const total = own.reduce((sum, [, calls]) => sum + calls, 0);
  return [
    [span(`Storage calls per handled message: ${fixed(total, 2)}`, undefined, true)],
    ...inColumns(own),
    ...inColumns(all.filter(([operation]) => operation.startsWith('audit.'))),
    ...roundTripLines(result),
  ];
}

/** What the calls were gathered into: flushes of embedded stores, round trips, requests of AWS. */
function roundTripLines({ operations }: BenchResult): Line[] {
  const made = Object.entries(operations.flushesPerHandledMessage ?? {}).filter(([, n]) => n > 0);
  if (made.length === 0) return [];
  const title = ' gathered into flushes, round trips or requests per handled message:';
  return [[span(title, 'gray')], ...inColumns(made)];
}

function callsText(calls: number): string {
  return calls < 0.005 ? '<0.01' : fixed(calls, 2);
}

function inColumns(operations: readonly (readonly [string, number])[]): Line[] {
  const longest = Math.max(0, ...operations.map(([operation]) => operation.length));
  const cells = operations.map(
    ([operation, calls]) => ` ${operation.padEnd(longest)} ${callsText(calls).padStart(6)}`,
  );
  const perLine = Math.max(1, Math.min(3, Math.floor(80 / (longest + 10))));
  const lines: Line[] = [];
  for (let first = 0; first < cells.length; first += perLine) {
    lines.push([span(cells.slice(first, first + perLine).join('  '))]);
  }
  return lines;
}

export function thresholdSection(result: BenchResult): Line[] {
  if (result.thresholds.length === 0) return [];
  const title = result.status === 'invalid' ? 'Thresholds (not judged: run invalid)' : 'Thresholds';
  return [[span(title, undefined, true)], ...result.thresholds.map(thresholdRow)];
}

function thresholdRow(threshold: ThresholdResult): Line {
  const mark = threshold.holds ? span(' ok      ', 'green') : span(' MISSED  ', 'red', true);
  return [mark, span(threshold.text), span(`  (${actualText(threshold)})`, 'gray')];
}

function actualText({ metric, actual }: ThresholdResult): string {
  if (actual === null) return 'no value';
  if (metric.includes('.latency.')) return `${formatMs(actual)} ms`;
  if (metric.endsWith('PerSecond')) return `${formatRate(actual)}/s`;
  return Number.isInteger(actual) ? String(actual) : fixed(actual, 3);
}

export function diskSection(result: BenchResult): Line[] {
  const { before, after, quiet } = result.environment.disk;
  if (before === null && after === null) return [];
  const verdict = quiet ? span('quiet', 'green') : span('noisy', 'yellow', true);
  return [
    [span('Disk       '), verdict, span('; fdatasync of 4 KiB, ms:')],
    ...[probeText('before', before), probeText('after', after)]
      .filter((text) => text !== '')
      .map((text) => [span(`           ${text}`)]),
  ];
}

function probeText(when: string, probe: DiskProbe | null): string {
  if (probe === null) return '';
  return `p50 ${fixed(probe.p50Ms, 2)}  p99 ${fixed(probe.p99Ms, 2)}  ${when} the run`;
}

export function environmentSection(result: BenchResult): Line[] {
  const { node, cpu, cores, platform, version } = result.environment;
  const { sha256 } = result.profile;
  return [
    [span(`Machine    ${plural(cores, 'core')} ${cpu}, ${platform}, Node ${node}`)],
    [span(`oncectl    ${version}, profile ${sha256.slice(0, 12)}, ${result.startedAt}`)],
  ];
}
