/** Invariants I1 and I6, judged where a world has come to rest (design, section 4). */
import { inline, type Violation } from './history.js';
import type { World } from './moves.js';
import { sink } from './scenario.js';

export interface Rest {
  readonly violation: Violation | null;
  /** Payloads that no message names: counted apart, for a sweeper. */
  readonly orphans: number;
}

/** `row` has no visible copy, no worker at work, no write under way. */
export function judgeRest(world: World, row: Uint32Array): Rest {
  const { layout, values, scenario } = world;
  const history = values.histories.value(row[layout.history] as number);
  const payloads = values.payloads.value(row[layout.payloads] as number);
  const live = Object.keys(payloads.bodies);
  const named = new Set<string>([...Object.values(history.arrived).flat(), ...history.named]);
  for (const { id } of scenario.entered) named.add(`in-${id}`);
  const orphans = payloads.orphans + live.filter((id) => !named.has(id)).length;
  return { violation: lost(world, row) ?? leftOver(world, row, live, named), orphans };
}

function lost({ layout, values, scenario }: World, row: Uint32Array): Violation | null {
  const history = values.histories.value(row[layout.history] as number);
  for (const { id, endpoint } of scenario.entered) {
    if (`${endpoint}/${id}` in history.commits) continue;
    return { invariant: 'I1', text: `${id} is gone, and was never applied at ${endpoint}` };
  }
  const endpoints = scenario.endpoints.map(({ name }) => name).filter((name) => name !== sink);
  for (const [by, { outgoing }] of Object.entries(history.commits)) {
    for (const id of Object.keys(outgoing)) {
      const isTaken = history.applied.includes(id) || history.arrived[id]?.includes(inline);
      const isApplied = endpoints.some((name) => `${name}/${id}` in history.commits);
      if (isTaken || isApplied) continue;
      const how = history.arrived[id] ? 'arrived without its payload' : 'was never sent';
      return { invariant: 'I1', text: `${id}, committed by ${by}, ${how}` };
    }
  }
  return null;
}

function leftOver(
  { layout, values }: World,
  row: Uint32Array,
  live: readonly string[],
  named: ReadonlySet<string>,
): Violation | null {
  for (const [name, at] of layout.entities) {
    const { entries, slot, registry } = values.entities.value(row[at] as number);
    const entry = Object.values(entries).find(({ step }) => step !== 'dispatched');
    if (entry) {
      const text = `the entry of ${entry.messageId} stays behind in ${name} (${entry.step})`;
      return { invariant: 'I6', text };
    }
    if (slot) return { invariant: 'I6', text: `the slot of ${name} stays taken` };
    if (registry.length > 0) return { invariant: 'I6', text: `${name} keeps a registered attempt` };
  }
  const token = live.find((id) => named.has(id));
  return token ? { invariant: 'I6', text: `the payload ${token} stays behind` } : null;
}
