/** What is explored: endpoints with their protocols, messages, stores, and how often the world fails. */
import type { Program } from '../engine/effects.js';
import type { Message } from '../engine/message.js';
import type { Protocol } from '../engine/protocols/index.js';

/** How each store may deviate from a strong one. */
export interface StoreModels {
  readonly business: 'strong' | 'stale' | 'content-hash';
  readonly dedupe: 'strong' | 'stale' | 'negative-cache' | 'expiry';
  readonly payload: 'strong' | 'stale' | 'negative-cache' | 'stale-delete' | 'expiry';
  /** `expiry`: a message that nobody has leased may be gone. Left out: strong. */
  readonly broker?: 'strong' | 'expiry';
}

export const strongStores: StoreModels = {
  business: 'strong',
  dedupe: 'strong',
  payload: 'strong',
};

/** What handling comes to: the new state, and what to send. Must be a pure function. */
export interface Handled {
  readonly state: string;
  readonly sends: readonly { readonly to: string; readonly body: string }[];
}
export type PureHandler = (
  message: { readonly id: string; readonly key: string; readonly body: string },
  before: string,
  transaction: string,
) => Handled;

/** Deviations from the rules of the ports and of the driver, each of which a mutant switches on. */
export interface Wrongs {
  /** `commit` asks for no version. */
  readonly unconditionalCommit?: true;
  /** `commit` fails when the entry is there, and on no other condition. */
  readonly uniqueEntryOnly?: true;
  /** `commit` of a new entity asks for no version. */
  readonly unconditionalCreate?: true;
  /** `mark-checked` replaces what another copy has checked. */
  readonly unconditionalChecked?: true;
  /** `clear-slot` asks for no version. */
  readonly blindClear?: true;
  /** Dedupe records are kept by message id alone. */
  readonly recordWithoutEndpoint?: true;
  /** Outgoing messages take new ids when they are dispatched. */
  readonly newIdsOnDispatch?: true;
  /** Every attempt puts its payloads under the same ids. */
  readonly fixedPayloadIds?: true;
  /** All messages of a batch name one payload. */
  readonly sharedPayload?: true;
  /** A put that timed out is repeated under its id, and the first one may land later. */
  readonly repeatsPut?: true;
  /** Programs see the errors of `commit`, an unknown one included. */
  readonly showsErrors?: true;
  /** A commit is visible before it is durable: a power cut takes the last one away. */
  readonly visibleBeforeDurable?: true;
}

export interface EndpointUnderTest {
  readonly name: string;
  readonly protocol: Protocol;
  readonly handler: PureHandler;
}

export interface EnteredMessage {
  readonly id: string;
  readonly endpoint: string;
  readonly key: string;
  readonly body: string;
}

export interface Bounds {
  readonly workers: number;
  /** Physical copies of each entered message. */
  readonly copies: number;
  /** Crashes and ends of leases while the worker lives on, together. */
  readonly crashes: number;
  /** Writes whose caller sees a time-out and that land later, or never. */
  readonly unknowns: number;
  /** Attempts registered at a time, where a protocol mints ids for as long as attempts collide. */
  readonly attempts: number;
  /** Repairs that may be under way at a time; left out: none. */
  readonly repairs?: number;
}

/** How an operator finishes an entry: `repairing`, or a wrong variant of it. */
export type Repair = (protocol: Protocol, message: Message) => Program;

export interface Scenario {
  readonly endpoints: readonly EndpointUnderTest[];
  readonly entered: readonly EnteredMessage[];
  readonly stores: StoreModels;
  readonly bounds: Bounds;
  readonly wrongs: Wrongs;
  /** Left out: the engine's own. */
  readonly repairing?: Repair;
  /** Somebody looks: a fair world goes on with a repair of what is left when nothing else is to do. */
  readonly isOperated?: true;
}

export function endpointOf({ endpoints }: Scenario, name: string): EndpointUnderTest {
  const found = endpoints.find((one) => one.name === name);
  if (!found) throw new Error(`no endpoint ${name}`);
  return found;
}

export const defaultBounds: Bounds = {
  workers: 2,
  copies: 2,
  crashes: 2,
  unknowns: 1,
  attempts: 3,
};

/** Behind the last endpoint: consumes each message once, by id or by token. */
export const sink = 'sink';

/** Hands every message on to another endpoint, and keeps which it has handed on, in order. */
export const forwardingTo =
  (to: string): PureHandler =>
  ({ id, body }, before) => ({
    state: before === '' ? id : `${before},${id}`,
    sends: [{ to, body }],
  });

/** Appends the message to the state and sends the state before it: shows order, gaps and doubles. */
export const appending: PureHandler = ({ id }, before) => ({
  state: before === '' ? id : `${before},${id}`,
  sends: [{ to: sink, body: `${id} after "${before}"` }],
});
