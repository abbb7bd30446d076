/** `verify`: the verdicts as a table, a trace as lines that can be read aloud. */
import type { Found, Move, StoreModels, Verified } from '../verify/index.js';
import { nameOf } from '../verify/move.js';
import type { ResultOf } from './documents/table.js';
import type { VerifyRow } from './documents/verify.js';
import { exitCode } from './exit-codes.js';
import type { Style, Table } from './output.js';
import { explainText } from './verify-explain.js';

function verifyRow(verified: Verified): VerifyRow {
  const { subject, found, verdict, states, depth, orphans, sampled } = verified;
  const { protocol, mutant, producer, entities } = subject;
  return {
    ...{ protocol, mutant, producer, entities, stores: storesText(subject.stores) },
    ...{ bounds: { ...subject.bounds, messages: subject.messages }, verdict, ...brokenBy(found) },
    ...{ again: againOf(verified), states, depth, ms: Math.round(verified.ms), orphans },
    walks: sampled && verified.rests,
  };
}

function brokenBy(found: Found | null) {
  if (!found) return { invariant: null, steps: null, text: null, trace: null };
  const { invariant, text, trace } = found;
  return { invariant, steps: trace.length, text, trace };
}

function storesText(stores: StoreModels): string {
  const deviating = Object.entries(stores).filter(([, model]) => model !== 'strong');
  return deviating.map(([port, model]) => `${port} ${model}`).join(', ') || 'strong';
}

function againOf({ subject, sampled }: Verified): string {
  const { protocol, mutant, producer, messages, bounds, stores } = subject;
  const parts = ['oncectl verify', ...(mutant ? ['--mutant', mutant] : [protocol])];
  if (producer) parts.push('--producer', producer);
  if (!mutant) {
    const { workers, copies, crashes, unknowns: late, attempts, repairs } = bounds;
    const all = { messages, workers, copies, crashes, late, attempts };
    const numbers = repairs ? { ...all, repairs } : all;
    for (const [flag, number] of Object.entries(numbers)) parts.push(`--${flag} ${number}`);
    for (const [port, model] of Object.entries(stores)) {
      if (model !== 'strong') parts.push(`--${port} ${model}`);
    }
  }
  if (sampled) parts.push(`--seed ${sampled.seed} --walks ${sampled.count}`);
  return parts.join(' ');
}

export interface VerifyLook {
  readonly explain: boolean;
  /** Traces of mutants are what was asked for when only one was. */
  readonly traces: boolean;
}

/** The result of `verify` for right protocols: 97 when one is violated, 7 when one was not exhausted. */
export function verifyResult(all: readonly Verified[], look: VerifyLook): ResultOf<'verify'> {
  const rows = all.map(verifyRow);
  const violated = all.filter(({ verdict }) => verdict === 'violated');
  const unfinished = rows.some(({ verdict }) => verdict === 'not exhausted');
  const code = exitCode(violated.length > 0 ? 'violated' : unfinished ? 'partial' : 'done');
  const warnings = violated.map((one) => warningOf(verifyRow(one)));
  const texts = [...violated.map((one) => traceText(one, look.explain)), () => sentence(rows)];
  return { ...result(rows, code, texts, look), warnings };
}

/** The result of `verify --mutant`: 0 when every mutant was caught, 97 when one got through. */
export function mutantResult(all: readonly Verified[], look: VerifyLook): ResultOf<'verify'> {
  const rows = all.map(verifyRow);
  const through = rows.filter(({ verdict }) => verdict !== 'violated');
  const code = exitCode(through.length > 0 ? 'violated' : 'done');
  const caught = `${rows.length - through.length} of ${rows.length} mutants caught`;
  const warnings = through.map((row) => `${row.mutant} got through; again: ${row.again}`);
  const texts = look.traces ? all.map((one) => traceText(one, look.explain)) : [];
  return { ...result(rows, code, [...texts, () => caught], look), warnings };
}

function warningOf({ protocol, invariant, steps, text, again }: VerifyRow): string {
  return `${protocol} violates ${invariant} in ${steps} steps: ${text}; again: ${again}`;
}

/** Who asks for an explanation wants to read it, also in a pipe: a table would take its place there. */
function result(
  rows: readonly VerifyRow[],
  code: number,
  texts: readonly Text[],
  { explain }: VerifyLook,
): ResultOf<'verify'> {
  const ids = rows.map(({ protocol, mutant }) => mutant ?? protocol);
  const text: Text = (style) => `${texts.map((one) => one(style)).join('\n\n')}\n\n`;
  const table = explain ? {} : { table: tableOf(rows) };
  return { name: 'verify', data: rows, text, ...table, ids, exitCode: code };
}

function tableOf(rows: readonly VerifyRow[]): Table {
  return {
    columns: [
      { name: rows[0]?.mutant ? 'mutant' : 'protocol' },
      { name: 'entities' },
      { name: 'stores' },
      { name: 'verdict' },
      { name: 'steps', align: 'right' },
      { name: 'states', align: 'right' },
      { name: 'depth', align: 'right' },
      { name: 'seconds', align: 'right' },
    ],
    rows: rows.map((row) => [
      (row.producer ? `${row.producer} to ` : '') + (row.mutant ?? row.protocol),
      row.entities,
      row.stores,
      row.invariant ? `violated: ${row.invariant}` : row.verdict,
      row.steps,
      { shown: row.states.toLocaleString('en-US'), exact: row.states },
      row.depth,
      { shown: (row.ms / 1000).toFixed(1), exact: row.ms / 1000 },
    ]),
  };
}

function sentence(rows: readonly VerifyRow[]): string {
  const { workers, messages, copies, crashes, unknowns, repairs } = (rows[0] as VerifyRow).bounds;
  const bounds =
    `${counted(workers, 'worker')}${repairs ? ` and ${counted(repairs, 'repair')}` : ''}, ` +
    `${counted(messages, 'message')} in ${counted(copies, 'copy', 'copies')} each, ` +
    `up to ${counted(crashes, 'crash or lost lease', 'crashes and lost leases')} and ${counted(unknowns, 'late write')}`;
  const verdicts = new Set(rows.map(({ verdict }) => verdict));
  if (verdicts.has('violated')) return `Violated within ${bounds}.`;
  const states = rows.reduce((sum, row) => sum + row.states, 0).toLocaleString('en-US');
  const walks = rows.reduce((sum, row) => sum + (row.walks ?? 0), 0);
  if (walks > 0) {
    return `No violation in ${counted(walks, 'random walk')} of ${states} steps: ${bounds}. What was not walked was not seen.`;
  }
  if (verdicts.has('not exhausted')) {
    return `No violation found, but not everything was seen: ${bounds}. Give more --time, smaller bounds, or a --seed for random walks.`;
  }
  return `No violation in all ${states} states: ${bounds}.`;
}

function counted(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

type Text = (style: Style) => string;

function traceText({ subject, found, verdict, sampled }: Verified, explain: boolean): Text {
  const name = subject.mutant ?? subject.protocol;
  if (!found) return () => `${name}: ${verdict}`;
  const walked = sampled ? ', by a random walk: perhaps not the shortest way' : '';
  const head = `${name} violates ${found.invariant} in ${found.trace.length} steps${walked}`;
  if (!explain) return () => [head, ...stepLines(found.trace), `      ${found.text}`].join('\n');
  return ({ width }) => explainText(head, found, subject.bounds, width);
}

/** A schedule, a step a line. */
export function stepLines(trace: readonly Move[]): string[] {
  return trace.map((move, index) => {
    const { what, note } = move;
    const who = nameOf(move).padEnd(5);
    return `${String(index + 1).padStart(4)}  ${who}  ${what}${note ? `: ${note}` : ''}`;
  });
}
