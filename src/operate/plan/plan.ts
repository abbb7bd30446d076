/**
 * A plan: exactly which items an action will touch, what was seen of each, and what will be done. It
 * freezes ids: applying it never selects anew. It holds no bodies.
 */
import { hash } from 'node:crypto';
import type { Actor } from '../actor.js';
import type { Operation } from '../operation.js';

export const planSchema = 'oncectl/plan/v1';

export interface Plan {
  readonly schema: typeof planSchema;
  /** Digest of everything else in it. */
  readonly planId: string;
  /** The command with dots: `outbox.repair`. Says which executor applies it. */
  readonly action: string;
  readonly deployment: { readonly name: string; readonly fingerprint: string };
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** After this it is stale. */
  readonly expires: number;
  /** The filter that selected the items, as it was typed. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly items: readonly PlanItem[];
  /** What was left out, by rule. */
  readonly skipped: readonly Skipped[];
  readonly summary: PlanSummary;
}

export interface PlanItem {
  readonly endpoint: string;
  /** What it is about: a message id, a payload id. */
  readonly id: string;
  /** Key of the entity; null where there is none. */
  readonly key: string | null;
  /** Where it stands: `committed`, `checked`, `slot`, `dead`, `orphan`. */
  readonly step: string;
  /** What was seen of it: the item is left alone when this is no longer so. */
  readonly observed: Readonly<Record<string, unknown>>;
  /** What will be done, in order. */
  readonly actions: readonly string[];
  readonly effect: { readonly sends: number; readonly writes: number; readonly deletes: number };
  /** Whether it can be undone: `yes`, `no`, or `until handled`. */
  readonly undo: 'yes' | 'no' | 'until handled';
  /** The rule that allows it, in one clause. */
  readonly rule: string;
}

export interface Skipped {
  /** Why, in one clause. */
  readonly rule: string;
  readonly count: number;
  /** Some of the ids, at most ten. */
  readonly ids: readonly string[];
  /** The flag that would include them; null when nothing does. */
  readonly flag: string | null;
}

export interface PlanSummary {
  readonly items: number;
  readonly sends: number;
  readonly writes: number;
  readonly deletes: number;
  readonly irreversible: number;
  readonly skipped: number;
}

export interface PlanDraft extends Pick<Plan, 'action' | 'filter' | 'items' | 'skipped'> {
  readonly now: number;
}

const livesMs = 3600 * 1000;

/** Puts a plan of whoever operates together; equal drafts of one millisecond have one id. */
export function makePlan(
  { name, fingerprint, actor }: Pick<Operation, 'name' | 'fingerprint' | 'actor'>,
  { now, ...draft }: PlanDraft,
): Plan {
  const whole = {
    schema: planSchema,
    ...draft,
    ...{ deployment: { name, fingerprint }, actor },
    created: now,
    expires: now + livesMs,
    summary: summaryOf(draft.items, draft.skipped),
  } as const;
  return { ...whole, planId: planIdOf(whole) };
}

/** The digest that a plan's id must equal. */
export function planIdOf(plan: Omit<Plan, 'planId'>): string {
  const { schema, action, deployment, actor, created, expires, filter, items, skipped, summary } =
    plan;
  const content = [
    ...[schema, action, deployment, actor, created, expires, filter, items, skipped, summary],
  ];
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 16);
}

function summaryOf(items: readonly PlanItem[], skipped: readonly Skipped[]): PlanSummary {
  const sum = (of: (item: PlanItem) => number) => items.reduce((total, one) => total + of(one), 0);
  return {
    items: items.length,
    sends: sum(({ effect }) => effect.sends),
    writes: sum(({ effect }) => effect.writes),
    deletes: sum(({ effect }) => effect.deletes),
    irreversible: items.filter(({ undo }) => undo !== 'yes').length,
    skipped: skipped.reduce((total, { count }) => total + count, 0),
  };
}

/** Collects what is left out, by rule. */
export class SkippedItems {
  readonly #rules = new Map<string, { count: number; ids: string[]; flag: string | null }>();

  add(rule: string, id: string, flag: string | null): void {
    const known = this.#rules.get(rule) ?? { count: 0, ids: [], flag };
    known.count++;
    if (known.ids.length < 10) known.ids.push(id);
    this.#rules.set(rule, known);
  }

  all(): readonly Skipped[] {
    return [...this.#rules].map(([rule, { count, ids, flag }]) => ({ rule, count, ids, flag }));
  }
}
