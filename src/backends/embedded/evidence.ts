/** What the audit reads from an embedded deployment, in short transactions. */
import type { Database } from 'lmdb';
import {
  type BrokerEvidence,
  type BusinessEvidence,
  type BusinessLeftovers,
  type DedupeEvidence,
  type EntityRecord,
  hashOf,
  type PayloadEvidence,
} from '../../engine/evidence.js';
import type { Message } from '../../engine/message.js';
import type { CommitRecord, DedupeRecord } from '../../engine/ports.js';
import type { DispatchedRow, EntityRow, EntityTables } from './entity-tables.js';
import { unpackHead } from './entry-row.js';
import type { Env } from './env.js';
import type { EmbeddedPayloadStore } from './payload.js';
import type { QueueTables } from './queue-tables.js';
import { unpack } from './records.js';

const pageSize = 500;
/** Purging runs every second and may be late by a few. */
const purgeGraceMs = 10_000;

/** The queues. */
export function brokerEvidence(env: Env, queues: QueueTables): BrokerEvidence {
  return {
    async *pending() {
      for await (const { endpoint, id, where } of messagesOf(env, queues)) {
        yield { endpoint, messageId: id, where };
      }
    },
    async *referencedPayloads() {
      for await (const { headers } of messagesOf(env, queues)) {
        if (headers.payload) yield headers.payload.id;
      }
    },
    depth: async (endpoints) =>
      env.read(() => {
        const now = Date.now();
        return new Map(endpoints.map((endpoint) => [endpoint, queues.lookDepth(endpoint, now)]));
      }),
  };
}

async function* messagesOf(
  env: Env,
  queues: QueueTables,
): AsyncIterable<Message & { readonly where: 'queued' | 'dead' }> {
  for (const where of ['queued', 'dead'] as const) {
    let after: string | null = null;
    for (;;) {
      const page: Array<[string, Message]> = env.read(() =>
        queues.lookPage(where, after, pageSize),
      );
      for (const [key, message] of page) {
        after = key;
        yield { ...message, where };
      }
      if (page.length < pageSize) break;
    }
  }
}

/** Entities, entries, slots and commit records. */
export class EmbeddedBusinessEvidence implements BusinessEvidence {
  readonly #env: Env;
  readonly #entities: EntityTables;
  readonly #retentionMs: number;
  #taken: string[] = [];

  constructor(env: Env, entities: EntityTables, retentionMs: number) {
    this.#env = env;
    this.#entities = entities;
    this.#retentionMs = retentionMs;
  }

  async takeRecords(limit: number): Promise<readonly CommitRecord[]> {
    const page = this.#env.read(() => this.#entities.lookJournal(limit));
    this.#taken = page.map(([key]) => key);
    return page.map(([, record]) => record);
  }

  async dropTaken(): Promise<void> {
    const taken = this.#taken;
    if (taken.length === 0) return;
    const remove = () => {
      for (const key of taken) this.#entities.journal.remove(key);
    };
    await this.#env.write(remove, 'soon', 'frees');
    this.#taken = [];
  }

  async *entities(): AsyncIterable<EntityRecord> {
    for await (const [at, value] of pages(this.#env, this.#entities.entities)) {
      const row = unpack<EntityRow>(value);
      const slash = at.indexOf('/');
      yield {
        endpoint: at.slice(0, slash),
        key: at.slice(slash + 1),
        version: row.version,
        transaction: row.transaction,
        hash: hashOf(row.state),
      };
    }
  }

  async leftovers(now: number): Promise<BusinessLeftovers> {
    const overdueAt = now - this.#retentionMs - purgeGraceMs;
    const { entities, entries, dispatched } = this.#entities;
    const done = await count(this.#env, dispatched, (value) => {
      return unpack<DispatchedRow>(value).at < overdueAt;
    });
    const slots = await count(this.#env, entities, (value) => {
      return unpack<EntityRow>(value).slot !== null;
    });
    const registered = await count(this.#env, entities, (value) => {
      return unpack<EntityRow>(value).registry.length > 0;
    });
    return {
      entries: this.#env.read(() => entries.getCount()),
      dispatchedEntries: done.all,
      overdueEntries: done.matching,
      slots: slots.matching,
      registrations: registered.matching,
    };
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for await (const [, value] of pages(this.#env, this.#entities.entries)) {
      yield* Object.values(unpackHead(value).payloads ?? {});
    }
    for await (const [, value] of pages(this.#env, this.#entities.entities)) {
      const { slot, registry } = unpack<EntityRow>(value);
      yield* Object.values(slot?.payloads ?? {});
      for (const { payloads } of registry) yield* payloads;
    }
  }
}

/** Dedupe records; in an island, the records of messages that entered. */
export function dedupeEvidence(env: Env, records: Database<Buffer, string>): DedupeEvidence {
  return {
    async leftovers(now) {
      const { all, matching } = await count(env, records, (value) => {
        return unpack<DedupeRecord>(value).expires < now - purgeGraceMs;
      });
      return { dedupeRecords: all, overdueDedupeRecords: matching };
    },
  };
}

export function payloadEvidence(payload: EmbeddedPayloadStore): PayloadEvidence {
  return {
    async *payloads() {
      let after: string | null = null;
      for (;;) {
        const page: Array<[string, { messageId: string }]> = payload.page(after, pageSize);
        for (const [id, origin] of page) {
          after = id;
          yield { id, messageId: origin.messageId };
        }
        if (page.length < pageSize) return;
      }
    },
  };
}

async function* pages(env: Env, table: Database<Buffer, string>): AsyncIterable<[string, Buffer]> {
  let after: string | null = null;
  for (;;) {
    const range: { limit: number; start?: string; exclusiveStart?: boolean } =
      after === null
        ? { limit: pageSize }
        : { start: after, exclusiveStart: true, limit: pageSize };
    const page = env.read(() => [...table.getRange(range)]);
    for (const { key, value } of page) {
      after = key;
      yield [key, value];
    }
    if (page.length < pageSize) return;
  }
}

async function count(
  env: Env,
  table: Database<Buffer, string>,
  matches: (value: Buffer) => boolean,
) {
  let all = 0;
  let matching = 0;
  for await (const [, value] of pages(env, table)) {
    all++;
    if (matches(value)) matching++;
  }
  return { all, matching };
}
