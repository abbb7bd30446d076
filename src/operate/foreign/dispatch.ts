/**
 * Dispatching a row of an outbox that another library wrote (`engine/foreign.ts`).
 *
 * Order: take the row, send, mark, so that nothing is marked that was not sent. Killed in between and run
 * again, the row is sent again under the same id, and its receiver drops it. A receiver by id or by entry
 * record remembers for as long as it keeps its records (`deployment.retention`), which is how long a row
 * that was cut short may wait to be repaired; with tokens (`token.ts`) it may wait for ever.
 */
import { protocolAt } from '../../deployment/host.js';
import { Cells } from '../../engine/control/cells.js';
import { Entrance } from '../../engine/enter.js';
import { OncectlError } from '../../engine/errors.js';
import type { ForeignSend, Take } from '../../engine/foreign.js';
import { checkText } from '../../engine/handler.js';
import { IdSource } from '../../engine/ids.js';
import type { Message } from '../../engine/message.js';
import type { Ports } from '../../engine/ports.js';
import type { Protocol } from '../../engine/protocols/index.js';
import type { OutboxProfile } from '../../profile/types.js';
import type { Operation } from '../operation.js';
import type { ExecuteContext, ItemOutcome } from '../plan/executor.js';
import { notOurs, type OpenedForeign } from './open.js';
import { tokenOf } from './token.js';

export interface DispatchOptions {
  /** Digest that the row was planned with; null: whatever it holds now. */
  readonly observed: string | null;
  /** Called after `take`, with tokens after `note` and `put`, after `send` and `mark`. */
  readonly boundary?: ExecuteContext['boundary'];
}

/** Where messages go: an operation has both. */
export type DispatchTarget = Pick<Operation, 'profile' | 'deployment'>;

/**
 * Sends what the row holds to the endpoint that the profile names, and marks it as its library would.
 * Safe to run again after a crash anywhere inside, and beside itself. Whoever calls it has asked the
 * operation's `permit`.
 *
 * Rejects with `refused` (nothing is done) for an outbox that only its own library may dispatch, for a
 * receiver that could not recognise a second send, and for a row that was changed after it may have been
 * sent; with `invalid-message` for a row that is no message; with the stores' errors. With
 * `happened: 'unknown'` the row may be sent or marked: run it again.
 */
export async function dispatchForeign(
  opened: OpenedForeign,
  id: string,
  target: DispatchTarget,
  options: DispatchOptions,
): Promise<ItemOutcome> {
  const { profile, outbox } = opened;
  if (!outbox.dispatch) throw notOurs(opened);
  const receiver = receiverOf(profile, target);
  const taken = await outbox.dispatch.take(id, options.observed);
  if (taken.state !== 'taken') return { outcome: 'yielded', to: reasons[taken.state] };
  const { row } = taken;
  try {
    await options.boundary?.('take');
    for (const send of row.sends) {
      await enter(receiver, messageOf(profile, receiver, send), row.digest, options.boundary);
    }
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

interface Receiver {
  readonly name: string;
  readonly protocol: Protocol;
  readonly ports: Ports;
  /** Of the deployment. */
  readonly cells: Cells;
}

const ids = new IdSource();
const newId = () => ids.next();

function receiverOf(outbox: OutboxProfile, { profile, deployment }: DispatchTarget): Receiver {
  const endpoint = profile.deployment.endpoints.find(({ name }) => name === outbox.to);
  if (!endpoint) {
    throw new OncectlError('profile', `outbox ${outbox.name} sends to no endpoint of the profile`);
  }
  const protocol = protocolAt(endpoint);
  if (protocol.recognisesBy === 'nothing') {
    const message = `${endpoint.name} could not tell a second send from a first`;
    throw new OncectlError('refused', message, {
      about: `outbox ${outbox.name}, to: ${endpoint.name} (${protocol.name})`,
      hint: 'let an endpoint with another protocol take the rows',
    });
  }
  const cells = new Cells(deployment.ports.business);
  return { name: endpoint.name, protocol, ports: deployment.portsOf(endpoint), cells };
}

function messageOf(outbox: OutboxProfile, { name }: Receiver, send: ForeignSend): Message {
  const { id, type, key, body } = send;
  const about = `a row of outbox ${outbox.name}`;
  checkText('type', type, about);
  checkText('key', key, about);
  return { id, endpoint: name, type, key, body, headers: {} };
}

/** Sends it the way its receiver recognises a second send. */
async function enter(
  { protocol, ports, cells }: Receiver,
  message: Message,
  digest: string,
  boundary: DispatchOptions['boundary'],
): Promise<void> {
  if (protocol.recognisesBy !== 'token') return new Entrance(ports, newId).enter(protocol, message);
  const { id: messageId, body } = message;
  const options = { cells, payload: ports.payload, newId, boundary };
  const payload = await tokenOf({ messageId, digest, body }, options);
  await ports.broker.send([{ ...message, body: new Uint8Array(0), headers: { payload } }]);
}
