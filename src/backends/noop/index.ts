/**
 * The backend that does nothing: what the generator, the runtime and the machine cost by themselves.
 * Every write succeeds at once and is forgotten; nothing is ever received.
 */
import type {
  Broker,
  BusinessStore,
  DedupeStore,
  PayloadStore,
  Ports,
} from '../../engine/ports.js';

/** Keeps nothing, opens nothing, needs no closing. `receive` waits its time out, or until aborted. */
export function openNoop(): Ports {
  return { broker, business, dedupe, payload };
}

const done = Promise.resolve();
const noDepth = { visible: 0, inFlight: 0, delayed: 0, dead: 0 };

const broker: Broker = {
  send: () => done,
  receive: (_endpoint, _max, { wait, signal }) => nothingFor(wait, signal),
  ack: () => done,
  release: () => done,
  extend: async () => null,
  deadLetter: () => done,
  depth: async () => noDepth,
  listDead: async () => [],
  redrive: async () => false,
};

const business: BusinessStore = {
  load: async () => ({
    state: null,
    version: 0,
    transaction: null,
    entry: null,
    slot: null,
    registry: [],
  }),
  commit: async (_endpoint, _key, expected) => expected + 1,
  settle: async () => 'settled',
  listPending: async () => [],
};

const dedupe: DedupeStore = { has: async () => false, add: () => done };

const payload: PayloadStore = {
  name: 'noop',
  put: () => done,
  get: async () => null,
  delete: () => done,
};

/** Resolves with nothing after `wait` ms, or as soon as `signal` is aborted. */
function nothingFor(wait: number, signal: AbortSignal | undefined): Promise<never[]> {
  if (signal?.aborted) return Promise.resolve([]);
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve([]);
    };
    const timer = setTimeout(finish, wait);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
