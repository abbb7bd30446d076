/**
 * How an entity lies: one item, `key` its only key. It is never deleted.
 *
 *  version      counts every commit; all conditions are on it
 *  writer       id of the last commit, to know one's own write again after a retry
 *  state, transaction, slot, registry   as last committed; absent for none
 *  entries      message id -> entry, a map that is always there; not with entries of their own
 *  record       the last staged commit record, where the chain of evidence begins
 *  pending, place   where the item lies in the index of what is pending; absent when nothing is. The
 *                   place is that of the first commit since something is: no other is older
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Change, Entity, Registration, Slot } from '../../../engine/ports.js';
import { entryAttributes, entryOf } from './entry-item.js';
import { binary, type Item, number, numberOf, packed, text, textOf, unpacked } from './item.js';
import { placeOf } from './keys.js';
import { Update } from './update.js';

/** What a commit needs beside the change. */
export interface CommitPlan {
  readonly key: string;
  readonly expected: number;
  readonly change: Change;
  readonly writer: string;
  /** The staged commit record of this commit. */
  readonly record: string | null;
  /** Entries are items of their own. */
  readonly separateEntries: boolean;
  /** The entity had no entry when its present version was read: clearing the slot leaves nothing. */
  readonly knownEmpty: boolean;
}

/** An entity as this process saw it last; worth something only while the version is the same. */
export interface Seen {
  readonly version: number;
  /** Its last staged commit record. */
  readonly record: string | null;
  readonly hasEntries: boolean;
}

export function entityOf(item: Item | null, messageId: string): Entity {
  const entry = item?.['entries']?.M?.[messageId]?.M;
  return {
    state: item?.['state']?.B ?? null,
    version: versionOf(item),
    transaction: textOf(item?.['transaction']),
    entry: entry ? entryOf(messageId, entry) : null,
    slot: slotOf(item),
    registry: registryOf(item),
  };
}

export function versionOf(item: Item | null): number {
  return numberOf(item?.['version']) ?? 0;
}

export function slotOf(item: Item | null): Slot | null {
  return unpacked<Slot>(item?.['slot']);
}

export function registryOf(item: Item | null): readonly Registration[] {
  return unpacked<readonly Registration[]>(item?.['registry']) ?? [];
}

export function entriesOf(item: Item | null): Readonly<Record<string, AttributeValue>> {
  return item?.['entries']?.M ?? {};
}

/**
 * State and entry in one conditional update. It names single attributes, so that entries which are
 * settled at the same time stay as they are.
 */
export function commitUpdate(plan: CommitPlan): Update {
  const { expected, change, writer, record } = plan;
  const update = new Update();
  if (expected === 0) update.whereAbsent(['key']);
  else update.whereEquals(['version'], number(expected));
  update.set(['version'], number(expected + 1)).set(['writer'], text(writer));
  const { state, transaction, slot, registry } = change;
  if (state !== undefined) setOrRemove(update, 'state', state && binary(state));
  if (transaction !== undefined) update.set(['transaction'], text(transaction));
  if (slot !== undefined) setOrRemove(update, 'slot', slot && packed(slot));
  if (registry) setOrRemove(update, 'registry', registry.length > 0 ? packed(registry) : null);
  if (record !== null) update.set(['record'], text(record));
  if (!plan.separateEntries) setEntry(update, plan);
  setPending(update, plan);
  return update;
}

function setOrRemove(update: Update, name: string, value: AttributeValue | null): void {
  if (value === null) update.remove([name]);
  else update.set([name], value);
}

function setEntry(update: Update, { expected, change: { entry } }: CommitPlan): void {
  if (expected === 0) {
    const first = entry ? { [entry.messageId]: { M: entryAttributes(entry) } } : {};
    update.set(['entries'], { M: first });
  } else if (entry) {
    update.set(['entries', entry.messageId], { M: entryAttributes(entry) });
  }
}

/**
 * A mark that stays too long costs a look; one that goes too early hides what is pending. One that is
 * there stays as it is, so that its place tells of the oldest.
 */
function setPending(update: Update, plan: CommitPlan): void {
  const { slot, entry } = plan.change;
  const pending = [slot, plan.separateEntries ? null : entry].flatMap((one) => one ?? []);
  if (pending.length > 0) {
    const since = Math.min(...pending.map(({ committedAt }) => committedAt));
    const { partition, place } = placeOf(plan.key, since);
    update.setAbsent(['pending'], text(partition)).setAbsent(['place'], text(place));
  } else if (slot === null && (plan.separateEntries || plan.knownEmpty)) {
    update.remove(['pending'], ['place']);
  }
}
