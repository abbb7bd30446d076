/** The business store: entities with their entries, in tables of one schema. */
import type {
  BusinessStore,
  Change,
  Entity,
  PendingEntry,
  Settled,
  SettleFrom,
  SettleTo,
} from '../../engine/ports.js';
import type { Lanes } from './broker.js';
import type { Urgency } from './lane.js';
import { packChange } from './packed-change.js';
import { checkKey, pack } from './records.js';
import { commit } from './statements/commit.js';
import { pendingEntries, pendingSlots } from './statements/list-pending.js';
import { load } from './statements/load.js';
import {
  settleChecked,
  settleDispatched,
  settleRemoved,
  stepOfEntry,
} from './statements/settle.js';

export class PostgresBusinessStore implements BusinessStore {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    checkKey('entity key', key);
    checkKey('message id', messageId);
    return this.#lanes.read.submit(load, { endpoint, key, messageId }, 'now');
  }

  async commit(endpoint: string, key: string, expected: number, change: Change): Promise<number> {
    checkChange(key, change);
    const packed = packChange(endpoint, key, expected, change);
    return this.#lanes.write.submit(commit, packed, urgencyOf(change));
  }

  async settle(
    endpoint: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    checkKey('message id', messageId);
    const id = { endpoint, messageId };
    for (;;) {
      if (await this.#settle({ ...id, from }, to)) return 'settled';
      const step = await this.#lanes.read.submit(stepOfEntry, id, 'now');
      if (step === null) return 'missing';
      if (from !== 'any' && step !== from) return 'moved';
      if (to.step === 'checked' && step === 'dispatched') return 'moved';
      // It came to be there, or to be at `from`, after our statement: once more.
    }
  }

  async listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): Promise<PendingEntry[]> {
    const found: PendingEntry[] = [];
    if (after === null || after.startsWith('e/')) {
      const op = { endpoint, olderThan, after: after?.slice(2) ?? null, limit };
      found.push(...(await this.#lanes.read.submit(pendingEntries, op, 'now')));
    }
    let key = after?.startsWith('s/') ? after.slice(2) : null;
    while (found.length < limit) {
      const op = { endpoint, olderThan, after: key, limit };
      const page = await this.#lanes.read.submit(pendingSlots, op, 'now');
      const old = page.filter(({ committedAt }) => committedAt < olderThan);
      found.push(...old.slice(0, limit - found.length));
      if (page.length < limit) break;
      key = page.at(-1)?.key ?? null;
    }
    return found;
  }

  #settle(op: { endpoint: string; messageId: string; from: SettleFrom }, to: SettleTo) {
    const { write } = this.#lanes;
    switch (to.step) {
      case 'checked':
        return write.submit(settleChecked, { ...op, payloads: pack(to.payloads) }, 'at once');
      case 'dispatched':
        return write.submit(settleDispatched, { ...op, at: to.at }, 'soon');
      case 'removed':
        return write.submit(settleRemoved, op, 'soon');
    }
  }
}

/** Refuses what an index could not hold, before anything is written. */
export function checkChange(key: string, { entry }: Change): void {
  checkKey('entity key', key);
  if (entry) checkKey('message id', entry.messageId);
}

/** Registering and committing a slot are two of three steps in a row; nobody waits for its clearing. */
function urgencyOf({ slot, registry }: Change): Urgency {
  if (slot === null) return 'soon';
  return slot || registry ? 'at once' : 'now';
}
