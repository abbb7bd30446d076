/** What a world holds, in words: for whoever reads a trace and wants to see what the stores say. */
import { holderOf, messageOf } from './layout.js';
import type { World } from './moves.js';
import type { EntityContent } from './values.js';

/** By name of what holds it (`orders/k`, `dedupe orders`, `payloads`, `queue`, `arrived`): what it holds. */
export type View = Readonly<Record<string, string>>;

const nothing = 'empty';

export function viewOf(world: World, row: Uint32Array): View {
  const { layout, values } = world;
  const history = values.histories.value(row[layout.history] as number);
  const view: Record<string, string> = { queue: queueText(world, row) };
  for (const [name, at] of layout.entities) {
    view[name] = entityText(values.entities.value(row[at] as number));
  }
  for (const [endpoint, at] of layout.records) {
    const { ids, hidden } = values.records.value(row[at] as number);
    view[`dedupe ${endpoint}`] = listed(
      ids.map((id) => (hidden.includes(id) ? `${id} (and may be found absent)` : id)),
    );
  }
  const { bodies, old } = values.payloads.value(row[layout.payloads] as number);
  const late = Object.entries(old).filter(([id, body]) => body !== (bodies[id] ?? null));
  const stale = late.map(
    ([id, body]) => `${id} (may be found ${body === null ? 'absent' : 'there'})`,
  );
  view.payloads = listed([...Object.keys(bodies), ...stale]);
  view.arrived = listed(
    Object.entries(history.arrived).map(([id, how]) =>
      how.length > 1 ? `${id} by ${how.join(' and ')}` : id,
    ),
  );
  return view;
}

function queueText({ layout, values }: World, row: Uint32Array): string {
  const copies: string[] = [];
  for (let index = 0; index < layout.copies; index++) {
    const copy = row[layout.firstCopy + index] as number;
    if (copy === 0) continue;
    const { id } = values.messages.value(messageOf(layout, copy));
    const holder = holderOf(layout, copy);
    copies.push(holder === 0 ? id : `${id} (leased by w${holder})`);
  }
  return listed(copies);
}

function entityText({
  version,
  state,
  transaction,
  entries,
  slot,
  registry,
}: EntityContent): string {
  if (version === 0) return nothing;
  const parts = [`"${state}" at version ${version}`];
  if (transaction !== null) parts.push(`by ${transaction}`);
  for (const { messageId, step } of Object.values(entries))
    parts.push(`entry ${messageId} ${step}`);
  if (slot) parts.push(`slot taken by ${slot.messageId}`);
  if (registry.length > 0) parts.push(`${registry.length} registered`);
  return parts.join(', ');
}

function listed(all: readonly string[]): string {
  return all.length === 0 ? nothing : all.join(', ');
}
