/** Upkeep that breaks one rule each. */
import type { Entry, PendingEntry, SettleFrom, SettleTo } from '../../src/engine/ports.js';
import type { Count, PageQuery, QueuedCopy, StoredRecord } from '../../src/engine/upkeep.js';
import { MemoryBusiness } from './memory-business.js';
import { MemoryBrokerUpkeep, MemoryBusinessUpkeep, MemoryDedupeUpkeep } from './memory-upkeep.js';

export class ForgetsToken extends MemoryBusiness {
  override async settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo) {
    const settled = await super.settle(endpoint, messageId, from, to);
    const key = this.entryKey(endpoint, messageId);
    const { token: _, ...entry } = this.world.entries.get(key) ?? {};
    if (settled === 'settled') this.world.entries.set(key, entry as Entry);
    return settled;
  }
}

/** Begins each further page one row too late. */
export class SkipsAtEdge extends MemoryBusinessUpkeep {
  override async entries(endpoint: string, page: PageQuery): Promise<readonly Entry[]> {
    const found = await super.entries(endpoint, { ...page, limit: page.limit + 1 });
    return page.after === null ? found.slice(0, page.limit) : found.slice(1);
  }
}

export class EntriesWithoutDispatched extends MemoryBusinessUpkeep {
  override async entries(endpoint: string, page: PageQuery): Promise<readonly Entry[]> {
    return (await super.entries(endpoint, page)).filter(({ step }) => step !== 'dispatched');
  }
}

export class OldestById extends MemoryBusinessUpkeep {
  override async oldestPending(endpoint: string, olderThan: number, limit: number) {
    const found: PendingEntry[] = await this.pending(endpoint, olderThan);
    return found.sort((a, b) => (a.messageId < b.messageId ? -1 : 1)).slice(0, limit);
  }
}

export class ClaimsTooMany extends MemoryBusinessUpkeep {
  override async countPending(endpoint: string, olderThan: number, most: number): Promise<Count> {
    return { ...(await super.countPending(endpoint, olderThan, most)), exact: true };
  }
}

export class LeasesWhileSearching extends MemoryBrokerUpkeep {
  override async copies(endpoints: readonly string[], prefix: string, limit: number) {
    const found = await super.copies(endpoints, prefix, limit);
    for (const copy of endpoints.flatMap((one) => this.world.broker.of(one, false))) {
      copy.leased = true;
      copy.visibleAt = Date.now() + 60_000;
    }
    return found;
  }
}

/** Receives what it shows, and puts it back at once. */
export class ReceivesWhileSearching extends MemoryBrokerUpkeep {
  override async copies(endpoints: readonly string[], prefix: string, limit: number) {
    for (const copy of endpoints.flatMap((one) => this.world.broker.of(one, false))) {
      if (copy.visibleAt <= Date.now()) copy.receives += 1;
    }
    return super.copies(endpoints, prefix, limit);
  }
}

export class FindsAnywhere extends MemoryBrokerUpkeep {
  override async copies(endpoints: readonly string[], prefix: string, limit: number) {
    const all = await super.copies(endpoints, '', Number.POSITIVE_INFINITY);
    return all.filter(({ message }) => message.id.includes(prefix)).slice(0, limit);
  }
}

export class UnlimitedCopies extends MemoryBrokerUpkeep {
  override async copies(endpoints: readonly string[], prefix: string, limit: number) {
    const all = await super.copies(endpoints, prefix, Number.POSITIVE_INFINITY);
    const part = (isDead: boolean): QueuedCopy[] =>
      all.filter(({ state }) => (state === 'dead') === isDead).slice(0, limit);
    return [...part(false), ...part(true)];
  }
}

/** Whatever the receipt says, the first letter that comes. */
export class DiscardsAnother extends MemoryBrokerUpkeep {
  override async discard(endpoint: string): Promise<boolean> {
    const [first] = this.world.broker.of(endpoint, true);
    return first !== undefined && this.world.broker.copies.delete(first.key);
  }
}

export class RemovesChanged extends MemoryDedupeUpkeep {
  protected override isSame(): boolean {
    return true;
  }
}

export class HidesExpired extends MemoryDedupeUpkeep {
  override async records(endpoint: string, page: PageQuery): Promise<readonly StoredRecord[]> {
    const found = await super.records(endpoint, page);
    return found.filter(({ record }) => record.expires > Date.now());
  }
}
