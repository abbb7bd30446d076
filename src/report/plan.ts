/** Renders plans and what came of applying them. */
import { isoTime } from '../engine/iso-time.js';
import type { ApplyReport } from '../operate/plan/apply.js';
import type { Plan, PlanItem } from '../operate/plan/plan.js';
import type { PlanningName, ResultOf } from './documents/table.js';
import { exitCode } from './exit-codes.js';
import { formatCount, formatDuration, plural } from './format.js';

type PlanName = 'plan.show' | `${PlanningName}.plan`;
type ApplyName = 'apply' | PlanningName;

const samples = 10;

/** The review: counts first, then groups, samples, what is left out, what cannot be undone. */
export function planText(plan: Plan, now: number): string {
  const { summary } = plan;
  const lines = [
    `plan ${plan.planId}: ${plan.action} on ${plan.deployment.name}`,
    `${plural(summary.items, 'item')}: ${effectText(summary)}; ${handledText(plan.action)}`,
    ...groupsOf(plan).map((line) => `  ${line}`),
    ...sampleLines(plan.items),
    ...leftOut(plan),
    ...irreversible(plan),
    expiry(plan, now),
  ];
  return `${lines.join('\n')}\n`;
}

function effectText({ sends, writes, deletes }: PlanItem['effect']): string {
  const parts = [
    plural(sends, 'message sent', 'messages sent'),
    plural(writes, 'record written', 'records written'),
    plural(deletes, 'record removed', 'records removed'),
  ];
  return parts.join(', ');
}

/** Actions that bring messages in: workers handle these. */
const bringingIn = new Set(['dead.retry', 'dead.edit']);

function handledText(action: string): string {
  return bringingIn.has(action) ? 'workers handle what is sent' : 'no business logic runs';
}

/** Endpoint x step x what will be done. */
function groupsOf({ items }: Plan): string[] {
  const groups = new Map<string, number>();
  for (const { endpoint, step, actions } of items) {
    const name = `${endpoint} at ${step}: ${actions.join(', ') || 'nothing'}`;
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  return [...groups].map(([name, count]) => `${formatCount(count).padStart(7)}  ${name}`);
}

function sampleLines(items: readonly PlanItem[]): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, samples).map(({ id, endpoint, key, undo }) => {
    return `  ${id}  ${endpoint}${key === null ? '' : `  ${key}`}  undo: ${undo}`;
  });
  const more = items.length - shown.length;
  return ['for example:', ...shown, ...(more > 0 ? [`  and ${formatCount(more)} more`] : [])];
}

function leftOut({ skipped }: Plan): string[] {
  if (skipped.length === 0) return [];
  const lines = skipped.map(({ rule, count, flag }) => {
    return `  ${formatCount(count).padStart(7)}  ${rule}${flag === null ? '' : ` (${flag} includes it)`}`;
  });
  return ['left out:', ...lines];
}

function irreversible({ items, summary }: Plan): string[] {
  if (items.length === 0) return [];
  if (summary.irreversible === 0) return ['all of it can be undone'];
  return [`cannot be undone: ${plural(summary.irreversible, 'item')}`];
}

function expiry({ expires }: Plan, now: number): string {
  const left = expires - now;
  return left > 0
    ? `valid for ${formatDuration(left)}, until ${isoTime(expires)}`
    : `STALE: expired ${formatDuration(-left)} ago`;
}

/** `plan show`, and every command that only plans. */
export function planResult(
  name: PlanName,
  plan: Plan,
  now: number,
  file?: string,
): Omit<ResultOf<PlanName>, 'about'> {
  const saved = file === undefined ? '' : `saved: ${file}\napply it: oncectl apply ${file}\n`;
  return {
    name,
    data: plan,
    text: planText(plan, now) + saved,
    ids: plan.items.map(({ id }) => id),
  };
}

/** What came of each item; the counts add up to the plan's items. */
export function applyResult(name: ApplyName, report: ApplyReport): ResultOf<ApplyName> {
  const { items, remaining, counts } = report;
  const needsCare = counts.failed > 0 || remaining > 0;
  return {
    name,
    data: report,
    text: `${applyText(report)}\n`,
    table: {
      columns: [{ name: 'item' }, { name: 'endpoint' }, { name: 'outcome' }, { name: 'note' }],
      rows: items
        .filter(({ result }) => result.outcome !== 'done')
        .map(({ id, endpoint, result }) => [id, endpoint, result.outcome, noteOf(result)]),
      empty: '',
    },
    ids: items.filter(({ result }) => result.outcome === 'done').map(({ id }) => id),
    exitCode: needsCare ? exitCode('partial') : 0,
  };
}

function noteOf(result: ApplyReport['items'][number]['result']): string {
  if (result.outcome === 'yielded') return result.to;
  if (result.outcome === 'skipped') return result.rule;
  if (result.outcome === 'failed') return `${result.error}; ${result.next}`;
  return '';
}

function applyText(report: ApplyReport): string {
  const { planId, counts, remaining, stopped, finishedBefore, logId, backup } = report;
  if (finishedBefore) {
    return `plan ${planId}: done by ${finishedBefore.by} ${isoTime(finishedBefore.at)}, 0 to do`;
  }
  const parts = Object.entries(counts)
    .filter(([name, count]) => count > 0 || name === 'done')
    .map(([name, count]) => `${formatCount(count)} ${name}`);
  const lines = [
    `plan ${planId}: ${[...parts, ...(remaining > 0 ? [`${formatCount(remaining)} not tried`] : [])].join(', ')}`,
    ...(stopped === null ? [] : [`stopped: ${stopped}`]),
    ...(remaining > 0 || counts.failed > 0 ? ['go on: oncectl apply PLAN --resume'] : []),
    ...(backup === null ? [] : [`what was destroyed is kept in ${backup}`]),
    ...(logId === null ? [] : [`log entry ${logId}`]),
  ];
  return lines.join('\n');
}
