/** Dedupe stores, payload stores and islands that break one rule each. */
import type { Change } from '../../src/engine/ports.js';
import { MemoryDedupe, MemoryPayload } from './memory.js';
import type { Copy } from './memory-broker.js';
import { MemoryIsland } from './memory-business.js';
import { clone } from './memory-checks.js';

export class DedupeWithoutEndpoint extends MemoryDedupe {
  protected override recordKey(_endpoint: string, messageId: string): string {
    return messageId;
  }
}

export class CachedNo extends MemoryDedupe {
  private readonly absent = new Set<string>();

  override async has(endpoint: string, messageId: string): Promise<boolean> {
    const key = this.recordKey(endpoint, messageId);
    if (this.absent.has(key)) return false;
    const found = await super.has(endpoint, messageId);
    if (!found) this.absent.add(key);
    return found;
  }
}

export class NeverExpires extends MemoryDedupe {
  override async has(endpoint: string, messageId: string): Promise<boolean> {
    return this.records.has(this.recordKey(endpoint, messageId));
  }
}

export class ExpiredStays extends MemoryDedupe {
  override async add(...adding: Parameters<MemoryDedupe['add']>): Promise<void> {
    const [endpoint, messageId] = adding;
    if (!this.records.has(this.recordKey(endpoint, messageId))) await super.add(...adding);
  }
}

export class CachedBody extends MemoryPayload {
  private readonly cache = new Map<string, Uint8Array>();

  override async get(id: string): Promise<Uint8Array | null> {
    const found = this.cache.get(id) ?? (await super.get(id));
    if (found !== null) this.cache.set(id, found);
    return clone(found);
  }
}

export class CachedAbsence extends MemoryPayload {
  private readonly absent = new Set<string>();

  override async get(id: string): Promise<Uint8Array | null> {
    const found = this.absent.has(id) ? null : await super.get(id);
    if (found === null) this.absent.add(id);
    return found;
  }
}

export class EmptyIsAbsent extends MemoryPayload {
  override async get(id: string): Promise<Uint8Array | null> {
    const found = await super.get(id);
    return found?.length ? found : null;
  }
}

export class EnterWithoutId extends MemoryIsland {
  protected override isNew(): boolean {
    return true;
  }
}

/** Looks into the queue for the id, as if a handled message had never entered. */
export class EnterChecksQueue extends MemoryIsland {
  protected override isNew(record: string): boolean {
    const copies = [...this.world.copies.values()];
    return !copies.some(({ message }) => JSON.stringify([message.endpoint, message.id]) === record);
  }
}

export class TakesBeforeCommit extends MemoryIsland {
  protected override apply(copy: Copy, expected: number, change: Change): void {
    this.world.copies.delete(copy.key);
    super.apply(copy, expected, change);
  }
}

export class SendsBeforeCommit extends MemoryIsland {
  override transact(...transacting: Parameters<MemoryIsland['transact']>) {
    const [delivery, expected, change, outgoing] = transacting;
    for (const one of outgoing) this.add(one, 0);
    return super.transact(delivery, expected, change, []);
  }
}

export class AppliesWhenGone extends MemoryIsland {
  override async transact(...transacting: Parameters<MemoryIsland['transact']>) {
    const [delivery, expected, change] = transacting;
    const { endpoint, key } = delivery.message;
    if (this.held(endpoint, delivery.receipt)) return super.transact(...transacting);
    await this.business.commit(endpoint, key, expected, change);
    return 'gone' as const;
  }
}
