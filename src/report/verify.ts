/** `verify`: the verdicts as a table, a trace as lines that can be read aloud. */
import type { ProtocolName } from '../engine/protocols/names.js';
import type { Bounds, Explored, Found, Move, Mutant, StoreModels } from '../verify/index.js';
import { exitCode } from './exit-codes.js';
import type { CommandResult, Table } from './output.js';

export interface VerifyRow {
  readonly protocol: ProtocolName;
  readonly mutant: string | null;
  readonly entities: string;
  readonly stores: string;
  readonly bounds: Bounds & { readonly messages: number };
  readonly verdict: Explored['verdict'];
  readonly invariant: string | null;
  readonly steps: number | null;
  readonly text: string | null;
  readonly trace: readonly Move[] | null;
  readonly states: number;
  readonly depth: number;
  readonly ms: number;
  /** Most orphaned payloads that any world leaves behind, for a sweeper. */
  readonly orphans: number;
}

export interface Subject {
  readonly protocol: ProtocolName;
  readonly mutant?: Mutant;
  readonly entities: string;
  readonly stores: StoreModels;
  readonly bounds: Bounds & { readonly messages: number };
}

export function verifyRow(subject: Subject, explored: Explored): VerifyRow {
  const { found, verdict, states, depth, orphans } = explored;
  return {
    protocol: subject.protocol,
    mutant: subject.mutant?.name ?? null,
    entities: subject.entities,
    stores: storesText(subject.stores),
    bounds: subject.bounds,
    verdict,
    ...brokenBy(found),
    ...{ states, depth, ms: Math.round(explored.ms), orphans },
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

/** The result of `verify` for right protocols: 97 when one is violated, 7 when one was not exhausted. */
export function verifyResult(rows: readonly VerifyRow[]): CommandResult {
  const violated = rows.filter(({ verdict }) => verdict === 'violated');
  const unfinished = rows.some(({ verdict }) => verdict === 'not exhausted');
  const code = exitCode(violated.length > 0 ? 'violated' : unfinished ? 'partial' : 'done');
  return result(rows, code, [...violated.map(traceText), sentence(rows)]);
}

/** The result of `verify --mutant`: 0 when every mutant was caught, 97 when one got through. */
export function mutantResult(rows: readonly VerifyRow[], withTraces: boolean): CommandResult {
  const through = rows.filter(({ verdict }) => verdict !== 'violated');
  const code = exitCode(through.length > 0 ? 'violated' : 'done');
  const caught = `${rows.length - through.length} of ${rows.length} mutants caught`;
  return result(rows, code, [...(withTraces ? rows.map(traceText) : []), caught]);
}

function result(rows: readonly VerifyRow[], code: number, texts: readonly string[]): CommandResult {
  const text = `${texts.join('\n\n')}\n\n`;
  const ids = rows.map(({ protocol, mutant }) => mutant ?? protocol);
  return { name: 'verify', data: rows, text, table: tableOf(rows), ids, exitCode: code };
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
      row.mutant ?? row.protocol,
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
  const { workers, messages, copies, crashes, unknowns } = (rows[0] as VerifyRow).bounds;
  const bounds =
    `${counted(workers, 'worker')}, ${counted(messages, 'message')} in ${counted(copies, 'copy', 'copies')} each, ` +
    `up to ${counted(crashes, 'crash or lost lease', 'crashes and lost leases')} and ${counted(unknowns, 'late write')}`;
  const verdicts = new Set(rows.map(({ verdict }) => verdict));
  if (verdicts.has('violated')) return `Violated within ${bounds}.`;
  const states = rows.reduce((sum, row) => sum + row.states, 0).toLocaleString('en-US');
  if (verdicts.has('not exhausted')) {
    return `No violation found, but not everything was seen: ${bounds}. Give more --time, or smaller bounds.`;
  }
  return `No violation in all ${states} states: ${bounds}.`;
}

function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The shortest schedule that breaks the protocol, a step a line. */
function traceText(row: VerifyRow): string {
  const { trace, invariant, text, mutant, protocol } = row;
  if (!trace) return `${mutant ?? protocol}: ${row.verdict}`;
  const lines = trace.map(({ worker, what, note }, index) => {
    const who = worker === 0 ? 'world' : `w${worker}`;
    return `${String(index + 1).padStart(4)}  ${who.padEnd(5)}  ${what}${note ? `: ${note}` : ''}`;
  });
  const head = `${mutant ?? protocol} violates ${invariant} in ${trace.length} steps`;
  return [head, ...lines, `      ${text}`].join('\n');
}
