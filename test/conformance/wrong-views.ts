/** Business stores that trust, or give away, what they keep of an entity. */
import { Conflict } from '../../src/engine/errors.js';
import type { Change, Entity, SettleFrom, SettleTo } from '../../src/engine/ports.js';
import { join, MemoryBusiness } from './memory-business.js';

/** Says what is missing from what it saw at its first load. */
export class SettlesByOldView extends MemoryBusiness {
  private readonly seen = new Map<string, ReadonlySet<string>>();

  override async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    if (!this.seen.has(endpoint)) this.seen.set(endpoint, new Set(this.world.entries.keys()));
    return super.load(endpoint, key, messageId);
  }

  override async settle(endpoint: string, messageId: string, from: SettleFrom, to: SettleTo) {
    const seen = this.seen.get(endpoint);
    if (seen?.has(this.entryKey(endpoint, messageId)) === false) return 'missing' as const;
    return super.settle(endpoint, messageId, from, to);
  }
}

/** Takes the version that it loaded last for the present one. */
export class CommitsByOldView extends MemoryBusiness {
  private readonly seen = new Map<string, number>();

  override async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    const found = await super.load(endpoint, key, messageId);
    this.seen.set(join(endpoint, key), found.version);
    return found;
  }

  override commitNow(endpoint: string, key: string, expected: number, change: Change): number {
    const seen = this.seen.get(join(endpoint, key)) ?? expected;
    if (seen !== expected) throw new Conflict(`${endpoint} ${key}`);
    const version = super.commitNow(endpoint, key, expected, change);
    this.seen.set(join(endpoint, key), version);
    return version;
  }
}

/** Hands out its own bytes. */
export class LoadsItself extends MemoryBusiness {
  override async load(endpoint: string, key: string, messageId: string): Promise<Entity> {
    const found = await super.load(endpoint, key, messageId);
    return { ...found, state: this.world.entities.get(join(endpoint, key))?.state ?? null };
  }
}
