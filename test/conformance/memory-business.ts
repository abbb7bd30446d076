/** The reference business store, and the island over it and the broker. */
import { Conflict } from '../../src/engine/errors.js';
import type { Delivery, Message } from '../../src/engine/message.js';
import type {
  BusinessStore,
  Change,
  CommitRecord,
  DedupeRecord,
  Entity,
  Entry,
  Island,
  PendingEntry,
  Registration,
  Settled,
  SettleFrom,
  SettleTo,
  Slot,
} from '../../src/engine/ports.js';
import { type BrokerWorld, type Copy, MemoryBroker } from './memory-broker.js';
import { checkKey, checkMessage, clone, type OpenState } from './memory-checks.js';

export interface StoredEntity {
  readonly endpoint: string;
  readonly key: string;
  state: Uint8Array | null;
  version: number;
  transaction: string | null;
  slot: Slot | null;
  registry: readonly Registration[];
}

/** What all clients of one business store share. Entities are never deleted. */
export class BusinessWorld {
  readonly entities = new Map<string, StoredEntity>();
  readonly entries = new Map<string, Entry>();
  readonly entered = new Map<string, DedupeRecord>();
  records: CommitRecord[] = [];
}

/** One string of several that no other strings make. */
export function join(...parts: string[]): string {
  return JSON.stringify(parts);
}

export class MemoryBusiness implements BusinessStore {
  constructor(
    protected readonly world: BusinessWorld,
    protected readonly state: OpenState,
  ) {}

  async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    this.state.check();
    const entity = this.world.entities.get(join(endpoint, key));
    const { state = null, version = 0, transaction = null } = entity ?? {};
    const { slot = null, registry = [] } = entity ?? {};
    const entry = this.world.entries.get(this.entryKey(endpoint, messageId)) ?? null;
    return clone({ state, version, transaction, entry, slot, registry });
  }

  async commit(endpoint: string, key: string, expected: number, change: Change): Promise<number> {
    return this.commitNow(endpoint, key, expected, change);
  }

  commitNow(endpoint: string, key: string, expected: number, change: Change): number {
    this.state.check();
    checkKey(key, 'key');
    const found = this.world.entities.get(join(endpoint, key));
    if (!this.holds(found?.version ?? 0, expected)) throw new Conflict(`${endpoint} ${key}`);
    const entity = found ?? this.create(endpoint, key);
    this.write(entity, clone(change));
    return entity.version;
  }

  protected holds(version: number, expected: number): boolean {
    return version === expected;
  }

  private create(endpoint: string, key: string): StoredEntity {
    const nothing = { state: null, transaction: null, slot: null, registry: [] };
    const entity = { endpoint, key, version: 0, ...nothing };
    this.world.entities.set(join(endpoint, key), entity);
    return entity;
  }

  protected write(entity: StoredEntity, change: Change): void {
    entity.version = this.nextVersion(entity, change);
    const { state, transaction, slot, registry, entry, record } = change;
    if (state !== undefined) entity.state = state;
    if (transaction !== undefined) entity.transaction = transaction;
    if (slot !== undefined) entity.slot = slot;
    if (registry !== undefined) entity.registry = registry;
    if (entry !== undefined) {
      this.world.entries.set(this.entryKey(entity.endpoint, entry.messageId), entry);
    }
    if (record !== undefined) this.world.records.push(record);
  }

  protected nextVersion(entity: StoredEntity, _change: Change): number {
    return entity.version + 1;
  }

  protected entryKey(endpoint: string, messageId: string): string {
    return join(endpoint, messageId);
  }

  async settle(
    endpoint: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    this.state.check();
    const entryKey = this.entryKey(endpoint, messageId);
    const entry = this.world.entries.get(entryKey);
    if (entry === undefined) return 'missing';
    if (!this.mayMove(entry, from)) return 'moved';
    if (to.step === 'removed') this.world.entries.delete(entryKey);
    else this.world.entries.set(entryKey, moved(entry, to));
    return 'settled';
  }

  protected mayMove(entry: Entry, from: SettleFrom): boolean {
    return from === 'any' || entry.step === from;
  }

  async listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ): Promise<PendingEntry[]> {
    this.state.check();
    const found = [...this.pendingEntries(endpoint), ...this.pendingSlots(endpoint)];
    return found
      .filter((one) => one.committedAt < olderThan && (after === null || one.cursor > after))
      .sort((left, right) => (left.cursor < right.cursor ? -1 : 1))
      .slice(0, limit);
  }

  private pendingEntries(endpoint: string): PendingEntry[] {
    return [...this.world.entries].flatMap(([entryKey, entry]) => {
      const { key, messageId, step, worker, committedAt } = entry;
      if (step === 'dispatched' || entryKey !== this.entryKey(endpoint, messageId)) return [];
      const cursor = join('entry', messageId);
      return [{ endpoint, key, messageId, step, worker, committedAt, cursor }];
    });
  }

  private pendingSlots(endpoint: string): PendingEntry[] {
    return [...this.world.entities.values()].flatMap(({ slot, key, ...entity }) => {
      if (slot === null || entity.endpoint !== endpoint) return [];
      const { messageId, worker, committedAt } = slot;
      const cursor = join('slot', messageId);
      return [{ endpoint, key, messageId, step: 'slot' as const, worker, committedAt, cursor }];
    });
  }
}

function moved(entry: Entry, to: Exclude<SettleTo, { step: 'removed' }>): Entry {
  return to.step === 'checked'
    ? { ...entry, step: 'checked', payloads: clone(to.payloads) }
    : { ...entry, step: 'dispatched', messages: [], dispatchedAt: to.at };
}

/** One transaction is one turn of the event loop: nothing awaits between check and write. */
export class MemoryIsland extends MemoryBroker implements Island {
  constructor(
    world: BrokerWorld,
    protected readonly businessWorld: BusinessWorld,
    protected readonly business: MemoryBusiness,
    state: OpenState,
  ) {
    super(world, state);
  }

  async enter(messages: readonly Message[]): Promise<void> {
    this.state.check();
    messages.forEach(checkMessage);
    for (const message of messages) {
      const record = join(message.endpoint, message.id);
      if (this.isNew(record)) this.add(message, 0);
      const at = Date.now();
      const entered = { by: 'memory', at, expires: at + 3_600_000 };
      if (!this.businessWorld.entered.has(record)) this.businessWorld.entered.set(record, entered);
    }
    this.world.wake();
  }

  protected isNew(record: string): boolean {
    return !this.businessWorld.entered.has(record);
  }

  async transact(
    { message, receipt }: Delivery,
    expected: number,
    change: Change,
    outgoing: readonly Message[],
  ): Promise<'done' | 'gone'> {
    this.state.check();
    outgoing.forEach(checkMessage);
    const copy = this.held(message.endpoint, receipt);
    if (copy === undefined) return 'gone';
    this.apply(copy, expected, change);
    for (const one of outgoing) this.add(one, 0);
    this.world.wake();
    return 'done';
  }

  protected apply(copy: Copy, expected: number, change: Change): void {
    const { endpoint, key } = copy.message;
    this.business.commitNow(endpoint, key, expected, change);
    this.world.copies.delete(copy.key);
  }
}
