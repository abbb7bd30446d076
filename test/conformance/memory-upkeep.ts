/** The reference upkeep: what lies in the maps of the reference stores, sorted. */
import type { DedupeRecord, Entry, PendingEntry } from '../../src/engine/ports.js';
import type {
  BrokerUpkeep,
  BusinessUpkeep,
  Count,
  DedupeUpkeep,
  PageQuery,
  PayloadUpkeep,
  QueuedCopy,
  RegisteredEntity,
  StoredPayload,
  StoredRecord,
  UpkeepParts,
} from '../../src/engine/upkeep.js';
import type { World } from './memory.js';
import type { Copy } from './memory-broker.js';
import { join, MemoryBusiness } from './memory-business.js';
import { clone, type OpenState } from './memory-checks.js';

export type BuildUpkeep = (world: World, state: OpenState) => UpkeepParts;

export const memoryUpkeep: BuildUpkeep = (world, state) => ({
  broker: new MemoryBrokerUpkeep(world, state),
  business: new MemoryBusinessUpkeep(world, state),
  dedupe: new MemoryDedupeUpkeep(world, state),
  payload: new MemoryPayloadUpkeep(world, state),
});

/** The page of rows: those behind `after` whose ids begin with the prefix, by id. */
function pageOf<Row>(rows: readonly Row[], idOf: (row: Row) => string, query: PageQuery): Row[] {
  return rows
    .filter((row) => idOf(row).startsWith(query.prefix))
    .filter((row) => query.after === null || idOf(row) > query.after)
    .sort((left, right) => (idOf(left) < idOf(right) ? -1 : 1))
    .slice(0, query.limit)
    .map((row) => clone(row));
}

class MemoryUpkeep {
  constructor(
    protected readonly world: World,
    protected readonly state: OpenState,
  ) {}
}

export class MemoryBrokerUpkeep extends MemoryUpkeep implements BrokerUpkeep {
  readonly searching = 'reads';

  async copies(endpoints: readonly string[], prefix: string, limit: number) {
    const found = this.found(endpoints).filter(({ message }) => message.id.startsWith(prefix));
    return found.slice(0, limit).map((copy) => this.seen(copy));
  }

  async copiesOf(endpoints: readonly string[], messageIds: ReadonlySet<string>) {
    const found = this.found(endpoints).filter(({ message }) => messageIds.has(message.id));
    return found.map((copy) => this.seen(copy));
  }

  async oldest(endpoint: string): Promise<number | null | 'unknown'> {
    const now = Date.now();
    const live = this.world.broker.of(endpoint, false);
    const waiting = live.filter((copy) => copy.visibleAt <= now || copy.leased);
    return waiting.length === 0 ? null : Math.min(...waiting.map(({ since }) => since));
  }

  async discard(endpoint: string, receipt: string): Promise<boolean> {
    const dead = this.world.broker.of(endpoint, true).find(({ key }) => String(key) === receipt);
    return dead !== undefined && this.world.broker.copies.delete(dead.key);
  }

  protected seen(copy: Copy): QueuedCopy {
    const { message, key, receives, failures } = copy;
    return clone({
      ...{ message, receipt: String(key), receives, failures, ...placeOf(copy) },
    });
  }

  private found(endpoints: readonly string[]): Copy[] {
    this.state.check();
    return endpoints.flatMap((endpoint) => [
      ...this.world.broker.of(endpoint, false),
      ...this.world.broker.of(endpoint, true),
    ]);
  }
}

function placeOf(copy: Copy): Pick<QueuedCopy, 'state' | 'at' | 'holder'> {
  const at = copy.visibleAt;
  if (copy.deadAt !== null) return { state: 'dead', at: copy.deadAt, holder: null };
  if (at <= Date.now()) return { state: 'visible', at, holder: null };
  if (copy.leased) return { state: 'in-flight', at, holder: copy.holder };
  return { state: 'delayed', at, holder: null };
}

export class MemoryBusinessUpkeep extends MemoryUpkeep implements BusinessUpkeep {
  async entries(endpoint: string, page: PageQuery): Promise<readonly Entry[]> {
    const { entries } = this.world.business;
    const own = [...entries].filter(([key, { messageId }]) => key === join(endpoint, messageId));
    return pageOf(
      own.map(([, entry]) => entry),
      ({ messageId }) => messageId,
      page,
    );
  }

  async oldestPending(
    endpoint: string,
    olderThan: number,
    limit: number,
  ): Promise<readonly PendingEntry[]> {
    const found = await this.pending(endpoint, olderThan);
    return found.sort((left, right) => left.committedAt - right.committedAt).slice(0, limit);
  }

  async countPending(endpoint: string, olderThan: number, most: number): Promise<Count> {
    const count = (await this.pending(endpoint, olderThan)).length;
    return count > most ? { count: most, exact: false } : { count, exact: true };
  }

  async registered(endpoint: string, page: PageQuery): Promise<readonly RegisteredEntity[]> {
    const own = [...this.world.business.entities.values()].filter(
      (entity) => entity.endpoint === endpoint && (entity.slot || entity.registry.length > 0),
    );
    const rows = own.map(({ key, slot, registry }) => ({ key, slot, registry }));
    return pageOf(rows, ({ key }) => key, page);
  }

  protected pending(endpoint: string, olderThan: number): Promise<PendingEntry[]> {
    const business = new MemoryBusiness(this.world.business, this.state);
    return business.listPending(endpoint, olderThan, null, Number.POSITIVE_INFINITY);
  }
}

export class MemoryDedupeUpkeep extends MemoryUpkeep implements DedupeUpkeep {
  async records(endpoint: string, page: PageQuery): Promise<readonly StoredRecord[]> {
    const rows = [...this.world.records, ...this.world.business.entered].map(([key, record]) => {
      const [of = '', messageId = ''] = JSON.parse(key) as string[];
      return { of, messageId, record };
    });
    const own = rows.filter(({ of }) => of === endpoint);
    return pageOf(
      own.map(({ messageId, record }) => ({ messageId, record })),
      ({ messageId }) => messageId,
      page,
    );
  }

  async remove(endpoint: string, messageId: string, record: DedupeRecord): Promise<boolean> {
    const key = join(endpoint, messageId);
    for (const table of [this.world.records, this.world.business.entered]) {
      const found = table.get(key);
      if (found && this.isSame(found, record)) return table.delete(key);
    }
    return false;
  }

  protected isSame(found: DedupeRecord, record: DedupeRecord): boolean {
    return found.by === record.by && found.at === record.at;
  }
}

class MemoryPayloadUpkeep extends MemoryUpkeep implements PayloadUpkeep {
  async payloads(page: PageQuery): Promise<readonly StoredPayload[]> {
    const rows = [...this.world.payloads].map(([id, { body, origin, at }]) => {
      return { id, origin, at, bytes: body.length };
    });
    return pageOf(rows, ({ id }) => id, page);
  }
}
