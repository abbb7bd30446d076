/**
 * The report of a bench for people. First the verdict on the generator, then the audit's: whoever
 * reads only two lines knows whether the numbers below mean anything.
 */
import type { BenchResult } from '../bench/result.js';
import { backendText } from '../profile/backends.js';
import { type Line, paint, span } from './ansi.js';
import {
  auditSection,
  faultSection,
  leftBehindSection,
  violationSection,
} from './bench-correctness.js';
import { latencySections, rateSection } from './bench-load.js';
import {
  callSection,
  cpuSection,
  diskSection,
  environmentSection,
  thresholdSection,
} from './bench-resources.js';
import { wrap } from './wrap.js';

export interface BenchTextOptions {
  readonly color: boolean;
  /** Columns for sentences to wrap at; tables keep their width. */
  readonly width: number;
  /** The run's folder, as the user may type it. */
  readonly folder?: string;
}

/** The whole report, its last line with a newline. */
export function renderBenchResult(result: BenchResult, options: BenchTextOptions): string {
  const sections: (readonly Line[])[] = [
    verdictLines(result, options.width),
    titleLines(result),
    violationSection(result, options.width),
    rateSection(result),
    ...latencySections(result),
    cpuSection(result),
    callSection(result),
    faultSection(result),
    auditSection(result),
    leftBehindSection(result, options.width),
    thresholdSection(result),
    diskSection(result),
    environmentSection(result),
    whereLines(result, options),
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : [[], ...section]));
  return `${lines.map((line) => paint(line, options.color).trimEnd()).join('\n')}\n`;
}

function verdictLines(result: BenchResult, width: number): Line[] {
  const { generator, correctness, verdict } = result;
  const generatorColor = generator.valid ? 'green' : 'red';
  const auditColor = correctness === null ? 'yellow' : correctness.clean ? 'green' : 'red';
  const titled = (title: string, text: string, color: 'green' | 'yellow' | 'red') =>
    wrap(text, width - 11).map((part, index) => [
      span((index === 0 ? title : '').padEnd(11), color, true),
      span(part),
    ]);
  return [
    ...titled('Generator', verdict.generator, generatorColor),
    ...titled('Audit', verdict.audit, auditColor),
  ];
}

function titleLines(result: BenchResult): Line[] {
  const { profile, status } = result;
  const color = status === 'passed' ? 'green' : status === 'aborted' ? 'yellow' : 'red';
  return [
    [
      span(profile.name, 'cyan', true),
      span(
        `  ${profile.resolved.deployment.protocol} on ${backendText(profile.resolved.deployment)}`,
      ),
      span(`  seed ${profile.resolved.seed}  `),
      span(status, color, true),
    ],
  ];
}

function whereLines(result: BenchResult, { folder }: BenchTextOptions): Line[] {
  return [
    [span('Run        '), span(folder ?? result.runId, 'cyan')],
    [span('Again      '), span(result.command)],
    [span('Show       '), span(`oncectl bench show ${result.runId}`)],
    [span('All runs   '), span('oncectl bench list')],
  ];
}
