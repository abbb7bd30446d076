/** What the audit counted, what it found, and the faults the run lived through. */
import type { AuditVerdict, Violation } from '../audit/evidence-files.js';
import type { BenchResult, FaultRecord } from '../bench/result.js';
import { type Line, span } from './ansi.js';
import { countKinds, isStrike } from './faults.js';
import { formatCount, formatDuration, plural } from './format.js';
import { wrap } from './wrap.js';

const historyShown = 12;

/** The counts; those that must be zero stand first and are marked when they are not. */
export function auditSection({ correctness }: BenchResult): Line[] {
  if (correctness === null) return [];
  const bad = [
    ['lost', correctness.lost],
    ['doubled', correctness.doubled],
    ['leaked', correctness.leaked],
    ['contradicting', correctness.contradicting],
    ['left behind', correctness.unbounded],
  ] as const;
  return [
    [span('Audit', undefined, true)],
    [span(' '), ...bad.flatMap(([word, count]) => badCount(word, count, correctness))],
    [span(` ${restOf(correctness).join('  ')}`)],
  ];
}

function badCount(word: string, count: number, verdict: AuditVerdict): Line {
  if (word === 'lost' && !verdict.lossDecided) return [span('lost undecided  ', 'yellow')];
  const text = `${word} ${formatCount(count)}`;
  return count === 0 ? [span(`${text}  `, 'green')] : [span(`${text}!  `, 'red', true)];
}

function restOf(verdict: AuditVerdict): string[] {
  return [
    `entered ${formatCount(verdict.accepted)}`,
    ...(verdict.unknown > 0 ? [`unknown ${formatCount(verdict.unknown)}`] : []),
    `commits ${formatCount(verdict.handled)}`,
    `redelivered ${formatCount(verdict.redelivered)}`,
    `pending ${formatCount(verdict.pending)}`,
    `dead ${formatCount(verdict.deadLettered)}`,
    `orphans ${formatCount(verdict.orphans)}`,
  ];
}

/** The first violating messages with everything known about them. */
export function violationSection({ correctness }: BenchResult, width: number): Line[] {
  const violations = correctness?.firstViolations ?? [];
  if (violations.length === 0) return [];
  return [
    [span(`First violations (${violations.length})`, 'red', true)],
    ...violations.flatMap((violation) => violationLines(violation, width)),
  ];
}

function violationLines(violation: Violation, width: number): Line[] {
  const { invariant, endpoint, messageId, what, history } = violation;
  const hidden = history.length - historyShown;
  return [
    [span(` ${invariant} `, 'red', true), span(`${endpoint}  ${messageId}`, 'cyan')],
    ...wrap(what, width - 4).map((part) => [span(`    ${part}`)]),
    ...history.slice(0, historyShown).map((text) => [span(`      ${text}`, 'gray')]),
    ...(hidden > 0 ? [[span(`      and ${plural(hidden, 'more line')} of evidence`, 'gray')]] : []),
  ];
}

/** How many of each kind, and for those that struck a worker where, and whether it came back. */
export function faultSection({ faults }: BenchResult): Line[] {
  if (faults.length === 0) return [];
  const strikes = faults.filter(isStrike);
  const kinds = [...new Set(strikes.map((fault) => fault.kind))];
  return [
    [span(`Faults ${formatCount(faults.length)}: `, undefined, true), span(countKinds(faults))],
    ...kinds.flatMap((kind) => strikeLines(strikes.filter((fault) => fault.kind === kind))),
  ];
}

function strikeLines(strikes: readonly FaultRecord[]): Line[] {
  const kind = strikes[0]?.kind ?? '';
  const recovered = strikes
    .map((fault) => fault.recoveredMs)
    .filter((milliseconds) => milliseconds !== null);
  const slowest =
    recovered.length > 0 ? `, slowest after ${formatDuration(Math.max(...recovered))}` : '';
  const counted = strikes.filter((fault) => fault.counts).length;
  const stalls = kind === 'stall' ? `; ${counted} redelivered meanwhile` : '';
  const all = recovered.length === strikes.length;
  return [
    [
      span(` ${kind}: `),
      span(`${recovered.length} of ${strikes.length} back`, all ? 'green' : 'yellow'),
      span(slowest + stalls),
    ],
    ...boundaryLines(strikes),
  ];
}

function boundaryLines(strikes: readonly FaultRecord[]): Line[] {
  const places = strikes.filter((fault) => fault.step !== null);
  if (places.length === 0) return [];
  const counts = countKinds(places.map((fault) => ({ kind: fault.step ?? '' })));
  return wrap(counts, 74).map((part) => [span(`   ${part}`, 'gray')]);
}
