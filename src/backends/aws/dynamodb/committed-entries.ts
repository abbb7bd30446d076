/** Where entries lie, and so how a commit writes one and how it is settled: two ways, one interface. */
import type { Entry, Settled, SettleFrom, SettleTo } from '../../../engine/ports.js';
import type { CommitPlan } from './entity-item.js';
import type { Item } from './item.js';
import type { Update } from './update.js';

export interface Loaded {
  /** The entity's item. */
  readonly item: Item | null;
  readonly entry: Entry | null;
}

export interface CommittedEntries {
  /** Entity and entry as they are together at some time after the call. */
  load(key: string, messageId: string): Promise<Loaded>;
  /** Writes both or neither; rejects with `Conflict` when the entity is in another version. */
  commit(plan: CommitPlan, update: Update, entry: Entry | null): Promise<void>;
  settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo): Promise<Settled>;
  /** Told of which entity a message's entry is. */
  note(key: string, messageId: string): void;
}
