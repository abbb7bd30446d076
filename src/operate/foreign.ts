/**
 * Outboxes that other libraries wrote (`engine/foreign.ts`): opening those of a profile, and dispatching
 * a row of one.
 *
 * Order: take the row, send, mark, so that nothing is marked that was not sent. Killed in between and run
 * again, the row is sent again under the same id, and its receiver drops it: for as long as it keeps its
 * records (`deployment.retention`), which is how long a row that was cut short may wait to be repaired.
 */

import { openForeignOutbox } from '../backends/foreign/index.js';
import { addressOf } from '../backends/postgres/address.js';
import { connectTo } from '../backends/postgres/connection.js';
import { protocolAt } from '../deployment/host.js';
import { Entrance } from '../engine/enter.js';
import { OncectlError } from '../engine/errors.js';
import type { ForeignOutbox, ForeignSend, Take } from '../engine/foreign.js';
import { checkText } from '../engine/handler.js';
import type { Message } from '../engine/message.js';
import type { Ports } from '../engine/ports.js';
import type { Protocol } from '../engine/protocols/index.js';
import { didYouMean } from '../profile/nearest.js';
import type { OutboxProfile, Profile } from '../profile/types.js';
import type { Operation } from './operation.js';
import type { ExecuteContext, ItemOutcome } from './plan/executor.js';

export interface OpenedForeign {
  readonly profile: OutboxProfile;
  readonly outbox: ForeignOutbox;
}

/**
 * Every outbox of the profile, in its order; each is connected to when it is first asked, so that one
 * that is down hides no other. Whoever opens them closes each. Rejects with `profile` for a URL that is
 * none.
 */
export function openForeign({ deployment }: Profile): readonly OpenedForeign[] {
  // The profile in a result of an earlier version has no outboxes.
  return (deployment.outboxes ?? []).map((profile) => {
    const address = addressOf(profile.url ?? deployment.postgres.url);
    const outbox = openForeignOutbox({
      name: profile.name,
      source: profile.source,
      connect: () => connectTo(address, 'oncectl operator'),
      shown: address.shown,
    });
    return { profile, outbox };
  });
}

/** The one of that name. Rejects with `usage`, and names those that there are. */
export function foreignNamed(all: readonly OpenedForeign[], name: string): OpenedForeign {
  const found = all.find(({ profile }) => profile.name === name);
  if (found) return found;
  const names = all.map(({ profile }) => profile.name);
  throw new OncectlError('usage', `there is no outbox "${name}"${didYouMean(name, names)}`, {
    about: name,
    hint:
      names.length === 0 ? 'deployment.outboxes declares none' : `there are: ${names.join(', ')}`,
  });
}

export interface DispatchOptions {
  /** Digest that the row was planned with; null: whatever it holds now. */
  readonly observed: string | null;
  /** Called after `take`, `send` and `mark`. */
  readonly boundary?: ExecuteContext['boundary'];
}

/** Where messages go: an operation has both. */
export type DispatchTarget = Pick<Operation, 'profile' | 'deployment'>;

/**
 * Sends what the row holds to the endpoint that the profile names, and marks it as its library would.
 * Safe to run again after a crash anywhere inside, and beside itself. Whoever calls it has asked the
 * operation's `permit`.
 *
 * Rejects with `refused` (nothing is done) for an outbox that only its own library may dispatch, and for
 * a receiver that could not recognise a second send; with `invalid-message` for a row that is no message;
 * with the stores' errors. With `happened: 'unknown'` the row may be sent or marked: run it again.
 */
export async function dispatchForeign(
  { profile, outbox }: OpenedForeign,
  id: string,
  target: DispatchTarget,
  options: DispatchOptions,
): Promise<ItemOutcome> {
  if (!outbox.dispatch) throw notOurs(outbox);
  const receiver = receiverOf(profile, target);
  const taken = await outbox.dispatch.take(id, options.observed);
  if (taken.state !== 'taken') return { outcome: 'yielded', to: reasons[taken.state] };
  const { row } = taken;
  try {
    await options.boundary?.('take');
    for (const send of row.sends) await enter(receiver, messageOf(profile, receiver, send));
    await options.boundary?.('send');
    await row.mark();
    await options.boundary?.('mark');
    return { outcome: 'done', sends: row.sends.length };
  } finally {
    await row.release();
  }
}

const reasons: Readonly<Record<Exclude<Take['state'], 'taken'>, string>> = {
  dispatched: 'it is marked as dispatched; its table does not tell by whom',
  missing: 'it is no longer in the table',
  held: 'somebody is at it now: its own dispatcher, or another repair',
  moved: 'it was changed since it was planned; make a new plan to see it',
};

/** Refuses what only its library can finish, and says how that does it. */
export function notOurs({ name, kind, finishing }: ForeignOutbox): OncectlError {
  return new OncectlError('refused', `oncectl does not dispatch what ${kind} wrote`, {
    about: `outbox ${name}`,
    hint: `${finishing.how} (${finishing.source})`,
  });
}

interface Receiver {
  readonly name: string;
  readonly protocol: Protocol;
  readonly ports: Ports;
}

function receiverOf(outbox: OutboxProfile, { profile, deployment }: DispatchTarget): Receiver {
  const endpoint = profile.deployment.endpoints.find(({ name }) => name === outbox.to);
  if (!endpoint) {
    throw new OncectlError('profile', `outbox ${outbox.name} sends to no endpoint of the profile`);
  }
  const protocol = protocolAt(endpoint);
  if (!recognisesRepeats.has(protocol.recognisesBy)) {
    throw new OncectlError(
      'refused',
      `${endpoint.name} could not tell a second send from a first`,
      {
        about: `outbox ${outbox.name}, to: ${endpoint.name} (${protocol.name})`,
        hint: whyRefused(protocol),
      },
    );
  }
  return { name: endpoint.name, protocol, ports: deployment.portsOf(endpoint) };
}

/**
 * By token, the right to be handled is a payload, put under an id that is never used again (R6). A send
 * that is repeated after a crash would have to put another one, which is another right.
 */
const recognisesRepeats: ReadonlySet<Protocol['recognisesBy']> = new Set(['id', 'transaction']);

function whyRefused({ recognisesBy }: Protocol): string {
  return recognisesBy === 'token'
    ? 'a repair that is cut short and run again would give it two tokens for one row; let an endpoint with outbox, dedupe-store or local-transaction take the rows and send them on'
    : 'let an endpoint with outbox, dedupe-store or local-transaction take the rows';
}

function messageOf(outbox: OutboxProfile, { name }: Receiver, send: ForeignSend): Message {
  const { id, type, key, body } = send;
  const about = `a row of outbox ${outbox.name}`;
  checkText('type', type, about);
  checkText('key', key, about);
  return { id, endpoint: name, type, key, body, headers: {} };
}

/** Fresh for each message: an entrance remembers only what receivers by token need. */
function enter({ protocol, ports }: Receiver, message: Message): Promise<void> {
  const newId = () => {
    throw new OncectlError('bug', 'a payload is put for nobody by token');
  };
  return new Entrance(ports, newId).enter(protocol, message);
}
