/** What the audit reads from an embedded deployment, in short transactions. */
import type { Database } from 'lmdb';
import {
  type EntityRecord,
  type EvidenceSource,
  hashOf,
  type Leftovers,
  type PendingMessage,
} from '../../engine/evidence.js';
import type { Message } from '../../engine/message.js';
import type { CommitRecord, DedupeRecord, QueueDepth } from '../../engine/ports.js';
import type { DispatchedRow, EntityRow, EntityTables } from './entity-tables.js';
import { unpackHead } from './entry-row.js';
import type { Env } from './env.js';
import type { EmbeddedPayloadStore } from './payload.js';
import type { QueueTables } from './queue-tables.js';
import { unpack } from './records.js';

const pageSize = 500;
/** Purging runs every second and may be late by a few. */
const purgeGraceMs = 10_000;

export interface EvidenceParts {
  readonly queueEnv: Env;
  readonly queues: QueueTables;
  readonly businessEnv: Env;
  readonly entities: EntityTables;
  readonly records: { readonly env: Env; readonly table: Database<Buffer, string> };
  readonly payload: EmbeddedPayloadStore;
  readonly retentionMs: number;
}

export class EmbeddedEvidence implements EvidenceSource {
  readonly #parts: EvidenceParts;
  #taken: string[] = [];

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  async takeRecords(limit: number): Promise<readonly CommitRecord[]> {
    const { businessEnv, entities } = this.#parts;
    const page = businessEnv.read(() => entities.lookJournal(limit));
    this.#taken = page.map(([key]) => key);
    return page.map(([, record]) => record);
  }

  async dropTaken(): Promise<void> {
    const { businessEnv, entities } = this.#parts;
    const taken = this.#taken;
    if (taken.length === 0) return;
    const remove = () => {
      for (const key of taken) entities.journal.remove(key);
    };
    await businessEnv.write(remove, 'soon', 'frees');
    this.#taken = [];
  }

  async *entities(): AsyncIterable<EntityRecord> {
    const { businessEnv, entities } = this.#parts;
    for await (const [at, value] of pages(businessEnv, entities.entities)) {
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

  async *pending(): AsyncIterable<PendingMessage> {
    for await (const { endpoint, id, where } of this.#messages()) {
      yield { endpoint, messageId: id, where };
    }
  }

  async *#messages(): AsyncIterable<Message & { readonly where: 'queued' | 'dead' }> {
    const { queueEnv, queues } = this.#parts;
    for (const where of ['queued', 'dead'] as const) {
      let after: string | null = null;
      for (;;) {
        const page: Array<[string, Message]> = queueEnv.read(() =>
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

  async leftovers(now: number): Promise<Leftovers> {
    const { businessEnv, entities, records, payload, retentionMs } = this.#parts;
    const overdueAt = now - retentionMs - purgeGraceMs;
    const dispatched = await count(businessEnv, entities.dispatched, (value) => {
      return unpack<DispatchedRow>(value).at < overdueAt;
    });
    const dedupe = await count(records.env, records.table, (value) => {
      return unpack<DedupeRecord>(value).expires < now - purgeGraceMs;
    });
    const slots = await count(businessEnv, entities.entities, (value) => {
      return unpack<EntityRow>(value).slot !== null;
    });
    const registered = await count(businessEnv, entities.entities, (value) => {
      return unpack<EntityRow>(value).registry.length > 0;
    });
    return {
      entries: businessEnv.read(() => entities.entries.getCount()),
      dispatchedEntries: dispatched.all,
      overdueEntries: dispatched.matching,
      slots: slots.matching,
      registrations: registered.matching,
      dedupeRecords: dedupe.all,
      overdueDedupeRecords: dedupe.matching,
      payloads: payload.count(),
    };
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for await (const message of this.#messages()) {
      if (message.headers.payload) yield message.headers.payload.id;
    }
    const { businessEnv, entities } = this.#parts;
    for await (const [, value] of pages(businessEnv, entities.entries)) {
      yield* Object.values(unpackHead(value).payloads ?? {});
    }
    for await (const [, value] of pages(businessEnv, entities.entities)) {
      const { slot, registry } = unpack<EntityRow>(value);
      yield* Object.values(slot?.payloads ?? {});
      for (const { payloads } of registry) yield* payloads;
    }
  }

  async *payloads(): AsyncIterable<{ readonly id: string; readonly messageId: string }> {
    let after: string | null = null;
    for (;;) {
      const page: Array<[string, { messageId: string }]> = this.#parts.payload.page(
        after,
        pageSize,
      );
      for (const [id, origin] of page) {
        after = id;
        yield { id, messageId: origin.messageId };
      }
      if (page.length < pageSize) return;
    }
  }

  async depth(endpoints: readonly string[]): Promise<ReadonlyMap<string, QueueDepth>> {
    const { queueEnv, queues } = this.#parts;
    return queueEnv.read(() => {
      const now = Date.now();
      return new Map(endpoints.map((endpoint) => [endpoint, queues.lookDepth(endpoint, now)]));
    });
  }
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
