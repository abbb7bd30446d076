/**
 * The meter: counts every port operation by wrapping the ports. What the audit does is counted apart
 * (`audit.*`), by whoever does it.
 */
import type { Broker, BusinessStore, DedupeStore, Island, PayloadStore, Ports } from './ports.js';

export interface OperationCount {
  calls: number;
  /** Of these: conditions that failed, and receives that brought nothing. */
  without: number;
  /** Of these: rejected otherwise. */
  failed: number;
  /** Messages, for operations on several at a time; otherwise calls. */
  items: number;
}

export class Meter {
  /** `port.operation` -> counts. */
  readonly counts: Record<string, OperationCount> = {};

  of(name: string): OperationCount {
    const existing = this.counts[name];
    if (existing) return existing;
    const fresh: OperationCount = { calls: 0, without: 0, failed: 0, items: 0 };
    this.counts[name] = fresh;
    return fresh;
  }
}

/** Counts beside the call and hands its own promise on: the caller's way gets no longer. */
function counted<T>(
  count: OperationCount,
  items: number,
  call: Promise<T>,
  isWithout?: (result: T) => boolean,
): Promise<T> {
  count.calls++;
  count.items += items;
  call.then(
    isWithout &&
      ((result) => {
        if (isWithout(result)) count.without++;
      }),
    (error: { readonly kind?: unknown }) => {
      if (error.kind === 'conflict') count.without++;
      else count.failed++;
    },
  );
  return call;
}

/** The same ports, counted. */
export function metered(ports: Ports, meter: Meter): Ports {
  return {
    broker: meteredBroker(ports.broker, meter),
    business: meteredBusiness(ports.business, meter),
    dedupe: meteredDedupe(ports.dedupe, meter),
    payload: meteredPayload(ports.payload, meter),
    ...(ports.island ? { island: meteredIsland(ports.island, meter) } : {}),
  };
}

function meteredBroker(broker: Broker, meter: Meter): Broker {
  const send = meter.of('broker.send');
  const receive = meter.of('broker.receive');
  const ack = meter.of('broker.ack');
  const release = meter.of('broker.release');
  const extend = meter.of('broker.extend');
  const dead = meter.of('broker.deadLetter');
  return {
    send: (messages, options) => counted(send, messages.length, broker.send(messages, options)),
    receive: async (endpoint, max, options) => {
      const found = await broker.receive(endpoint, max, options);
      receive.calls++;
      receive.items += found.length;
      if (found.length === 0) receive.without++;
      return found;
    },
    ack: (endpoint, receipt) => counted(ack, 1, broker.ack(endpoint, receipt)),
    release: (endpoint, receipt, options) =>
      counted(release, 1, broker.release(endpoint, receipt, options)),
    extend: (endpoint, receipt, visibility) =>
      counted(extend, 1, broker.extend(endpoint, receipt, visibility)),
    deadLetter: (endpoint, receipt, reason) =>
      counted(dead, 1, broker.deadLetter(endpoint, receipt, reason)),
    depth: (endpoint) => broker.depth(endpoint),
    listDead: (endpoint, after, limit) => broker.listDead(endpoint, after, limit),
    redrive: (endpoint, receipt) => broker.redrive(endpoint, receipt),
  };
}

function meteredBusiness(store: BusinessStore, meter: Meter): BusinessStore {
  const load = meter.of('business.load');
  const commit = meter.of('business.commit');
  const settle = meter.of('business.settle');
  return {
    load: (endpoint, key, id) => counted(load, 1, store.load(endpoint, key, id)),
    commit: (endpoint, key, expected, change) =>
      counted(commit, 1, store.commit(endpoint, key, expected, change)),
    settle: (endpoint, id, from, to) =>
      counted(settle, 1, store.settle(endpoint, id, from, to), (result) => result !== 'settled'),
    listPending: (endpoint, olderThan, after, limit) =>
      store.listPending(endpoint, olderThan, after, limit),
  };
}

function meteredDedupe(store: DedupeStore, meter: Meter): DedupeStore {
  const has = meter.of('dedupe.has');
  const add = meter.of('dedupe.add');
  return {
    has: (endpoint, id) => counted(has, 1, store.has(endpoint, id), (found) => !found),
    add: (endpoint, id, record) => counted(add, 1, store.add(endpoint, id, record)),
  };
}

function meteredPayload(store: PayloadStore, meter: Meter): PayloadStore {
  const put = meter.of('payload.put');
  const get = meter.of('payload.get');
  const remove = meter.of('payload.delete');
  return {
    name: store.name,
    put: (id, body, origin) => counted(put, 1, store.put(id, body, origin)),
    get: (id) => counted(get, 1, store.get(id), (body) => body === null),
    delete: (id) => counted(remove, 1, store.delete(id)),
  };
}

function meteredIsland(island: Island, meter: Meter): Island {
  const enter = meter.of('island.enter');
  const transact = meter.of('island.transact');
  return {
    enter: (messages) => counted(enter, messages.length, island.enter(messages)),
    transact: (delivery, expected, change, outgoing) =>
      counted(
        transact,
        1,
        island.transact(delivery, expected, change, outgoing),
        (result) => result === 'gone',
      ),
  };
}
