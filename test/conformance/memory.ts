/** A small, correct implementation of every port in memory: the reference for the suite itself. */
import {
  type EntityRecord,
  type EvidenceSource,
  hashOf,
  type Leftovers,
  type PendingMessage,
} from '../../src/engine/evidence.js';
import type {
  DedupeRecord,
  DedupeStore,
  PayloadOrigin,
  PayloadStore,
  Ports,
  QueueDepth,
} from '../../src/engine/ports.js';
import { controlEndpoint } from '../../src/engine/upkeep.js';
import type { Capabilities, Subject } from './case.js';
import { BrokerWorld, MemoryBroker } from './memory-broker.js';
import { BusinessWorld, join, MemoryBusiness, MemoryIsland } from './memory-business.js';
import { checkKey, clone, OpenState } from './memory-checks.js';
import { type BuildUpkeep, memoryUpkeep } from './memory-upkeep.js';

export const memoryCapabilities: Capabilities = {
  shortLease: 50,
  patience: 5_000,
  largestBody: Infinity,
};

/** What all clients share. */
export class World {
  readonly broker = new BrokerWorld();
  readonly business = new BusinessWorld();
  readonly records = new Map<string, DedupeRecord>();
  readonly payloads = new Map<string, { body: Uint8Array; origin: PayloadOrigin; at: number }>();
}

export class MemoryDedupe implements DedupeStore {
  constructor(
    protected readonly records: Map<string, DedupeRecord>,
    protected readonly state: OpenState,
  ) {}

  async has(endpoint: string, messageId: string): Promise<boolean> {
    this.state.check();
    const record = this.records.get(this.recordKey(endpoint, messageId));
    return record !== undefined && record.expires > Date.now();
  }

  async add(endpoint: string, messageId: string, record: DedupeRecord): Promise<void> {
    this.state.check();
    checkKey(messageId, 'message id');
    this.records.set(this.recordKey(endpoint, messageId), record);
  }

  protected recordKey(endpoint: string, messageId: string): string {
    return join(endpoint, messageId);
  }
}

export class MemoryPayload implements PayloadStore {
  readonly name = 'memory';

  constructor(
    protected readonly payloads: World['payloads'],
    protected readonly state: OpenState,
  ) {}

  async put(id: string, body: Uint8Array, origin: PayloadOrigin): Promise<void> {
    this.state.check();
    checkKey(id, 'payload id');
    this.payloads.set(id, clone({ body, origin, at: Date.now() }));
  }

  async get(id: string): Promise<Uint8Array | null> {
    this.state.check();
    return clone(this.payloads.get(id)?.body ?? null);
  }

  async delete(id: string): Promise<void> {
    this.state.check();
    this.payloads.delete(id);
  }
}

export type Build = (world: World, state: OpenState) => Ports;

/** The ports of one client. */
export const memoryPorts: Build = (world, state) => {
  const business = new MemoryBusiness(world.business, state);
  return {
    broker: new MemoryBroker(world.broker, state),
    business,
    dedupe: new MemoryDedupe(world.records, state),
    payload: new MemoryPayload(world.payloads, state),
    island: new MemoryIsland(world.broker, world.business, business, state),
  };
};

/** Opens a store of its own; `build` makes the ports of each client, `buildUpkeep` the upkeep. */
export async function openMemory(
  build: Build = memoryPorts,
  buildUpkeep: BuildUpkeep = memoryUpkeep,
): Promise<Subject> {
  const world = new World();
  const state = new OpenState();
  return {
    ports: build(world, state),
    evidence: new MemoryEvidence(world),
    upkeep: buildUpkeep(world, state),
    peer: async () => build(world, state),
    close: async () => {
      state.closed = true;
      world.broker.wake();
    },
  };
}

class MemoryEvidence implements EvidenceSource {
  private taken = 0;

  constructor(private readonly world: World) {}

  async takeRecords(limit: number) {
    const records = this.world.business.records.slice(0, limit);
    this.taken = records.length;
    return records;
  }

  async dropTaken(): Promise<void> {
    this.world.business.records.splice(0, this.taken);
    this.taken = 0;
  }

  async *entities(): AsyncGenerator<EntityRecord> {
    for (const { endpoint, key, version, transaction, state } of this.stored()) {
      if (endpoint === controlEndpoint) continue;
      yield { endpoint, key, version, transaction, hash: hashOf(state) };
    }
  }

  async *pending(): AsyncGenerator<PendingMessage> {
    for (const { message, deadAt } of this.world.broker.copies.values()) {
      const where = deadAt === null ? 'queued' : 'dead';
      yield { endpoint: message.endpoint, messageId: message.id, where };
    }
  }

  async leftovers(now: number): Promise<Leftovers> {
    const entries = [...this.world.business.entries.values()];
    const records = [...this.world.records.values()];
    const dispatchedEntries = entries.filter((entry) => entry.step === 'dispatched').length;
    return {
      entries: entries.length - dispatchedEntries,
      dispatchedEntries,
      overdueEntries: 0,
      slots: this.stored().filter((entity) => entity.slot !== null).length,
      registrations: this.stored().reduce((sum, entity) => sum + entity.registry.length, 0),
      dedupeRecords: records.length + this.world.business.entered.size,
      overdueDedupeRecords: records.filter((record) => record.expires < now).length,
      payloads: this.world.payloads.size,
    };
  }

  async *payloads() {
    for (const [id, { origin }] of this.world.payloads) {
      yield { id, messageId: origin.messageId };
    }
  }

  async *referencedPayloads(): AsyncGenerator<string> {
    for (const { message } of this.world.broker.copies.values()) {
      if (message.headers.payload) yield message.headers.payload.id;
    }
    for (const { payloads } of this.world.business.entries.values()) {
      yield* Object.values(payloads ?? {});
    }
    for (const { slot, registry } of this.stored()) {
      yield* Object.values(slot?.payloads ?? {});
      for (const { payloads } of registry) yield* payloads;
    }
  }

  async depth(endpoints: readonly string[]): Promise<Map<string, QueueDepth>> {
    const broker = new MemoryBroker(this.world.broker, new OpenState());
    const depths = endpoints.map(async (one) => [one, await broker.depth(one)] as const);
    return new Map(await Promise.all(depths));
  }

  private stored() {
    return [...this.world.business.entities.values()];
  }
}
