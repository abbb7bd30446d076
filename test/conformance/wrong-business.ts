/** Business stores that break one rule each. */
import type {
  BusinessStore,
  Change,
  Entry,
  Settled,
  SettleFrom,
  SettleTo,
} from '../../src/engine/ports.js';
import { MemoryBusiness, type StoredEntity } from './memory-business.js';
import { clone } from './memory-checks.js';

export class HashVersion extends MemoryBusiness {
  protected override nextVersion(entity: StoredEntity, change: Change): number {
    const state = change.state === undefined ? entity.state : change.state;
    return [...(state ?? [])].reduce((hash, byte) => (hash * 31 + byte) % 1_000_003, 7);
  }
}

export class IgnoresExpected extends MemoryBusiness {
  protected override holds(): boolean {
    return true;
  }
}

export class CreateOverwrites extends MemoryBusiness {
  protected override holds(version: number, expected: number): boolean {
    return expected === 0 || super.holds(version, expected);
  }
}

export class AnyLaterVersion extends MemoryBusiness {
  protected override holds(version: number, expected: number): boolean {
    return expected >= version;
  }
}

/** Reads, waits for the disk, then writes what it decided before. */
export class CheckThenWrite extends MemoryBusiness {
  override async commit(endpoint: string, key: string, expected: number, change: Change) {
    const { version } = await this.load(endpoint, key, '');
    if (!this.holds(version, expected)) return this.commitNow(endpoint, key, expected, change);
    await new Promise((resolve) => setImmediate(resolve));
    const now = (await this.load(endpoint, key, '')).version;
    return this.commitNow(endpoint, key, now, change);
  }
}

export class ForgetsEmptied extends MemoryBusiness {
  protected override write(entity: StoredEntity, change: Change): void {
    super.write(entity, change);
    if (entity.state !== null || entity.slot !== null || entity.registry.length > 0) return;
    if (change.state === null)
      this.world.entities.delete(JSON.stringify([entity.endpoint, entity.key]));
  }
}

export class ResetsOmitted extends MemoryBusiness {
  protected override write(entity: StoredEntity, change: Change): void {
    super.write(entity, { state: null, slot: null, registry: [], ...change });
  }
}

export class WritesEntryOfLoser extends MemoryBusiness {
  override commitNow(endpoint: string, key: string, expected: number, change: Change): number {
    const { entry } = change;
    if (entry) this.world.entries.set(this.entryKey(endpoint, entry.messageId), clone(entry));
    return super.commitNow(endpoint, key, expected, change);
  }
}

export class EntriesWithoutEndpoint extends MemoryBusiness {
  protected override entryKey(_endpoint: string, messageId: string): string {
    return messageId;
  }
}

export class SettleIgnoresFrom extends MemoryBusiness {
  protected override mayMove(): boolean {
    return true;
  }
}

export class SettleMovesVersion extends MemoryBusiness {
  override async settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo) {
    const entry = this.world.entries.get(this.entryKey(endpoint, messageId));
    const entity = this.world.entities.get(JSON.stringify([endpoint, entry?.key]));
    if (entity !== undefined) entity.version += 1;
    return super.settle(endpoint, messageId, from, to);
  }
}

export class SettleNeverMisses extends MemoryBusiness {
  override async settle(...settling: Parameters<BusinessStore['settle']>): Promise<Settled> {
    const outcome = await super.settle(...settling);
    return outcome === 'missing' ? 'settled' : outcome;
  }
}

export class DispatchedKeepsBodies extends MemoryBusiness {
  override async settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo) {
    const entryKey = this.entryKey(endpoint, messageId);
    const before = this.world.entries.get(entryKey);
    const outcome = await super.settle(endpoint, messageId, from, to);
    const after = this.world.entries.get(entryKey);
    if (before && after) this.world.entries.set(entryKey, { ...after, messages: before.messages });
    return outcome;
  }
}

/** The whole entity in one object, read before the settle and written back after it. */
export class CommitRevertsEntries extends MemoryBusiness {
  private readonly seen = new Map<string, Entry>();

  override commitNow(endpoint: string, key: string, expected: number, change: Change): number {
    const version = super.commitNow(endpoint, key, expected, change);
    for (const [entryKey, entry] of this.seen) {
      if (entry.key === key) this.world.entries.set(entryKey, entry);
    }
    const { entry } = change;
    if (entry) this.seen.set(this.entryKey(endpoint, entry.messageId), clone(entry));
    return version;
  }
}

export class PendingByOffset extends MemoryBusiness {
  override async listPending(
    endpoint: string,
    olderThan: number,
    after: string | null,
    limit: number,
  ) {
    const offset = Number(after ?? 0);
    const found = await super.listPending(endpoint, olderThan, null, 1_000_000);
    const numbered = found.map((one, index) => ({ ...one, cursor: String(index + 1) }));
    return numbered.slice(offset, offset + limit);
  }
}

export class PendingOfAnyAge extends MemoryBusiness {
  override listPending(endpoint: string, _: number, after: string | null, limit: number) {
    return super.listPending(endpoint, Number.MAX_VALUE, after, limit);
  }
}
