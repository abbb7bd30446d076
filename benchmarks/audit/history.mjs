/**
 * A million-message history, written as the workers of a run would write it: a chain of two endpoints
 * and a sink, four workers, one percent redelivered; and the faults that are planted in it.
 */
import { createHash } from 'node:crypto';
import { writeEntities, writeLeftovers, writePending } from '../../dist/src/audit/final-files.js';
import { EvidenceWriter } from '../../dist/src/audit/writer.js';
import { hashOf } from '../../dist/src/engine/evidence.js';

export const endpoints = ['orders', 'billing'];
export const sink = 'sink';
const workers = 4;
const linesPerWrite = 20;

/** What every handler of the history does; the audit executes it again. */
export function handle(before, messageId, endpoint) {
  const text = `${before === null ? '' : Buffer.from(before).toString('latin1')}${endpoint}${messageId}`;
  return Buffer.from(createHash('sha256').update(text).digest('hex'), 'latin1');
}

/** xorshift32: the same seed gives the same history. */
function seeded(seed) {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** Ids of 26 characters that sort by time, as the engine's. */
function idsFrom(random) {
  const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let serial = 0;
  return () => {
    serial += 1;
    let tail = '';
    for (let index = 0; index < 12; index += 1) tail += letters[Math.floor(random() * 32)];
    return `01K${String(serial).padStart(11, '0')}${tail}`;
  };
}

class Plant {
  constructor(count) {
    const at = (share) => Math.floor(count * share);
    this.lost = at(0.1);
    this.doubled = at(0.3);
    this.leaked = at(0.5);
    this.cancelledLoss = at(0.7);
    this.cancelledDouble = at(0.8);
    this.found = [];
  }

  /** What the audit must say, and nothing else: `invariant endpoint id`. */
  expect(invariant, endpoint, messageId) {
    this.found.push(`${invariant} ${endpoint} ${messageId}`);
  }
}

class Writers {
  constructor(folder) {
    const each = (kind) =>
      Array.from({ length: workers }, (_, index) => new EvidenceWriter(folder, kind, `w${index}`));
    this.entered = each('entered');
    this.commits = each('commits');
    this.arrivals = each('arrivals');
    this.waiting = new Map(
      [...this.entered, ...this.commits, ...this.arrivals].map((w) => [w, []]),
    );
  }

  add(kind, worker, record) {
    const writer = this[kind][worker];
    const records = this.waiting.get(writer);
    if (records.push(record) === linesPerWrite) this.flush(kind, writer);
  }

  flush(kind, writer) {
    writer[kind](this.waiting.get(writer));
    this.waiting.set(writer, []);
  }

  close() {
    for (const kind of ['entered', 'commits', 'arrivals']) {
      for (const writer of this[kind]) {
        this.flush(kind, writer);
        writer.close();
      }
    }
  }
}

/** Writes the history of `count` entered messages; resolves with what the audit must find. */
export async function writeHistory(folder, count, keys, seed) {
  const random = seeded(seed);
  const world = {
    random,
    id: idsFrom(random),
    entities: new Map(),
    writers: new Writers(folder),
    plant: new Plant(count),
  };
  for (let index = 0; index < count; index += 1) oneMessage(world, index, keys);
  world.writers.close();
  await writeEntities(folder, entitiesOf(world.entities));
  await writePending(folder, []);
  await writeLeftovers(folder, leftovers);
  return world.plant.found.sort();
}

function oneMessage(world, index, keys) {
  const { plant, writers, random } = world;
  const messageId = world.id();
  const worker = Math.floor(random() * workers);
  const message = { endpoint: endpoints[0], messageId, transaction: null, hash: body(messageId) };
  const key = `key-${Math.floor(random() * keys)}`;
  writers.add('entered', worker, { ...message, key, outcome: 'accepted' });
  if (index === plant.lost) return plant.expect('I1', endpoints[0], messageId);
  if (index === plant.leaked) leak(world, worker);
  if (index === plant.doubled) plant.expect('I2', endpoints[0], messageId);
  arrive(world, worker, message);
  const first = commit(world, worker, message, key, endpoints[1]);
  if (index === plant.doubled)
    passSecond(world, worker, commit(world, worker, message, key, endpoints[1]), key, index);
  passSecond(world, worker, first, key, index);
}

function passSecond(world, worker, message, key, index) {
  const { plant } = world;
  const { endpoint, messageId } = message;
  if (index === plant.cancelledLoss) return plant.expect('I1', endpoint, messageId);
  if (index === plant.cancelledDouble) plant.expect('I2', endpoint, messageId);
  arrive(world, worker, message);
  if (index === plant.cancelledDouble) {
    arrive(world, worker, commit(world, worker, message, key, sink));
  }
  arrive(world, worker, commit(world, worker, message, key, sink));
}

/** A message of a transaction that was never durable, met at the second endpoint. */
function leak(world, worker) {
  const messageId = world.id();
  world.plant.expect('I3', endpoints[1], messageId);
  arrive(world, worker, {
    endpoint: endpoints[1],
    messageId,
    transaction: world.id(),
    hash: body(messageId),
  });
}

/** Once, and in one case of a hundred once more. */
function arrive(world, worker, message) {
  world.writers.add('arrivals', worker, message);
  if (world.random() < 0.01) world.writers.add('arrivals', (worker + 1) % workers, message);
}

function commit(world, worker, { endpoint, messageId }, key, target) {
  const name = `${endpoint}\t${key}`;
  const entity = world.entities.get(name) ?? {
    state: null,
    hash: '',
    version: 0,
    transaction: null,
  };
  const transaction = world.id();
  const id = world.id();
  const state = handle(entity.state, messageId, endpoint);
  const after = hashOf(state);
  const outgoing = { id, endpoint: target, hash: body(id) };
  world.writers.add('commits', worker, {
    endpoint,
    messageId,
    key,
    transaction,
    previous: entity.transaction,
    version: entity.version + 1,
    before: entity.hash,
    after,
    outgoing: [outgoing],
  });
  world.entities.set(name, { state, hash: after, version: entity.version + 1, transaction });
  return { endpoint: target, messageId: id, transaction, hash: outgoing.hash };
}

/** Stands for the hash of a body that belongs to the id. */
function body(id) {
  return `${id.slice(-12)}${id.slice(0, 14)}000000`;
}

function* entitiesOf(entities) {
  for (const [name, { version, transaction, hash }] of entities) {
    const [endpoint, key] = name.split('\t');
    yield { endpoint, key, version, transaction, hash };
  }
}

const leftovers = {
  entries: 0,
  dispatchedEntries: 0,
  overdueEntries: 0,
  slots: 0,
  registrations: 0,
  dedupeRecords: 0,
  overdueDedupeRecords: 0,
  payloads: 0,
  orphans: 0,
  drained: true,
};
