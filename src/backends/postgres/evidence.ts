/** What an audit reads, a part for each port, page by page in short statements. */
import {
  type BrokerEvidence,
  type BusinessEvidence,
  type DedupeEvidence,
  type EntityRecord,
  hashOf,
  type PayloadEvidence,
  type PendingMessage,
} from '../../engine/evidence.js';
import type { Message } from '../../engine/message.js';
import type { CommitRecord, QueueDepth, Registration, Slot } from '../../engine/ports.js';
import type { Lanes } from './broker.js';
import { fromHex, unescapeText, unpackHex, unpackMaybe } from './records.js';
import type { Row, Statement } from './statement.js';
import { depth } from './statements/depth.js';
import {
  type After,
  businessLeftovers,
  deadPages,
  dedupeLeftovers,
  entityPages,
  entryPages,
  pageSize,
  payloadPages,
  queuePages,
} from './statements/evidence.js';
import { dropRecords, takeRecords } from './statements/journal.js';

/** Purging runs every second and may be late by a few. */
const purgeGraceMs = 10_000;

export class PostgresBrokerEvidence implements BrokerEvidence {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  async *pending(): AsyncIterable<PendingMessage> {
    for await (const [endpoint, , , messageId] of rowsOf(this.#lanes, queuePages, 3)) {
      yield { endpoint: text(endpoint), messageId: text(messageId), where: 'queued' };
    }
    for await (const [endpoint, , messageId] of rowsOf(this.#lanes, deadPages, 2)) {
      yield { endpoint: text(endpoint), messageId: text(messageId), where: 'dead' };
    }
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for (const [statement, keys] of [
      [queuePages, 3],
      [deadPages, 2],
    ] as const) {
      for await (const row of rowsOf(this.#lanes, statement, keys)) {
        const { headers } = unpackHex<Message>(row.at(-1) ?? '');
        if (headers.payload) yield headers.payload.id;
      }
    }
  }

  async depth(endpoints: readonly string[]): Promise<ReadonlyMap<string, QueueDepth>> {
    const ask = async (endpoint: string) =>
      [endpoint, await this.#lanes.read.submit(depth, endpoint, 'now')] as const;
    return new Map(await Promise.all(endpoints.map(ask)));
  }
}

export class PostgresBusinessEvidence implements BusinessEvidence {
  readonly #lanes: Lanes;
  readonly #retentionMs: number;
  #taken: readonly number[] = [];

  constructor(lanes: Lanes, retentionMs: number) {
    this.#lanes = lanes;
    this.#retentionMs = retentionMs;
  }

  async takeRecords(limit: number): Promise<readonly CommitRecord[]> {
    const taken = await this.#lanes.read.submit(takeRecords, limit, 'now');
    this.#taken = taken.map(({ position }) => position);
    return taken.map(({ record }) => record);
  }

  async dropTaken(): Promise<void> {
    if (this.#taken.length === 0) return;
    await this.#lanes.write.submit(dropRecords, this.#taken, 'now');
    this.#taken = [];
  }

  async *entities(): AsyncIterable<EntityRecord> {
    for await (const row of rowsOf(this.#lanes, entityPages, 2)) {
      const [endpoint, key, version, transaction, state] = row;
      yield {
        endpoint: text(endpoint),
        key: text(key),
        version: Number(version),
        transaction: typeof transaction === 'string' ? unescapeText(transaction) : null,
        hash: hashOf(typeof state === 'string' ? fromHex(state) : null),
      };
    }
  }

  leftovers(now: number) {
    const overdueAt = now - this.#retentionMs - purgeGraceMs;
    return this.#lanes.read.submit(businessLeftovers, { overdueAt }, 'now');
  }

  async *referencedPayloads(): AsyncIterable<string> {
    for await (const [, , payloads] of rowsOf(this.#lanes, entryPages, 2)) {
      yield* Object.values(unpackMaybe<Record<string, string>>(payloads) ?? {});
    }
    for await (const row of rowsOf(this.#lanes, entityPages, 2)) {
      const [slot, registry] = row.slice(5);
      yield* Object.values(unpackMaybe<Slot>(slot)?.payloads ?? {});
      for (const { payloads } of unpackMaybe<Registration[]>(registry) ?? []) yield* payloads;
    }
  }
}

export function dedupeEvidence(lanes: Lanes): DedupeEvidence {
  return {
    leftovers: (now) =>
      lanes.read.submit(dedupeLeftovers, { overdueAt: now - purgeGraceMs }, 'now'),
  };
}

export function payloadEvidence(lanes: Lanes): PayloadEvidence {
  return {
    async *payloads() {
      for await (const [id, messageId] of rowsOf(lanes, payloadPages, 1)) {
        yield { id: text(id), messageId: text(messageId) };
      }
    },
  };
}

/** Every row, page by page; the first `keys` columns of the last one say where the next begins. */
async function* rowsOf(
  lanes: Lanes,
  statement: Statement<After, readonly Row[]>,
  keys: number,
): AsyncIterable<Row> {
  for (let after: After = null; ; ) {
    const page: readonly Row[] = await lanes.read.submit(statement, after, 'at once');
    yield* page;
    if (page.length < pageSize) return;
    after = (page.at(-1) ?? []).slice(0, keys).map((value) => value ?? '');
  }
}

function text(value: string | null | undefined): string {
  return unescapeText(value ?? '');
}
