/** What the audit counted, what it found, and the faults the run lived through. */
import type { AuditVerdict, Violation } from '../audit/evidence-files.js';
import type { BenchResult, FaultRecord } from '../bench/result.js';
import { type Line, span } from './ansi.js';
import { countKinds, isStrike } from './faults.js';
import { formatCount, formatDuration, plural } from './format.js';
import { wrap, wrapItems } from './wrap.js';

const violationsShown = 3;
/** Lines of evidence from the beginning and from the end, where the commits stand. */
const historyHead = 3;
const historyTail = 5;

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
    ...(verdict.discarded > 0 ? [`discarded ${formatCount(verdict.discarded)}`] : []),
    `orphans ${formatCount(verdict.orphans)}`,
  ];
}

/** What is left in the stores, to look at and to repair. */
export function leftBehindSection({ leftBehind }: BenchResult, width: number): Line[] {
  if (!leftBehind) return [];
  const { stuck, dead, orphans } = leftBehind;
  const items = [
    ...Object.entries(stuck).map(([step, count]) => `${formatCount(count)} stuck at ${step}`),
    ...Object.entries(dead).map(([error, count]) => `${formatCount(count)} dead: ${error}`),
    ...(orphans > 0 ? [`${formatCount(orphans)} orphaned payloads`] : []),
  ];
  return [
    [span('Left behind', undefined, true)],
    ...items.flatMap((item) => wrap(item, width - 2).map((part) => [span(` ${part}`)])),
  ];
}

/** The first violating messages with their history; all of them are in `result.json`. */
export function violationSection({ correctness, runId }: BenchResult, width: number): Line[] {
  const violations = correctness?.firstViolations ?? [];
  if (violations.length === 0) return [];
  const rest = violations.length - violationsShown;
  const more = ` ${rest} more with their whole history: oncectl bench show ${runId} --json`;
  return [
    [span('First violations', 'red', true)],
    ...violations.slice(0, violationsShown).flatMap((found) => violationLines(found, width)),
    ...(rest > 0 ? [[span(more, 'gray')]] : []),
  ];
}

function violationLines(violation: Violation, width: number): Line[] {
  const { invariant, endpoint, messageId, what, history } = violation;
  return [
    [span(` ${invariant} `, 'red', true), span(`${endpoint}  ${messageId}`, 'cyan')],
    ...wrap(what, width - 4).map((part) => [span(`    ${part}`)]),
    ...shortened(history).map((text) => [span(`      ${text}`, 'gray')]),
  ];
}

function shortened(history: readonly string[]): string[] {
  const hidden = history.length - historyHead - historyTail;
  if (hidden <= 1) return [...history];
  return [
    ...history.slice(0, historyHead),
    `... ${plural(hidden, 'more line')} ...`,
    ...history.slice(-historyTail),
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
  return wrapItems(counts.split(', '), 74).map((part) => [span(`   ${part}`, 'gray')]);
}
