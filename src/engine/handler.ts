/** The API that a service's own handlers are written against. */
import { OncectlError } from './errors.js';
import { hashOf } from './evidence.js';
import type { Message, MessageHeaders } from './message.js';

/** The message at hand. `body` is the JSON value that was sent. */
export interface IncomingMessage<Body = unknown> {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly body: Body;
  /** The body as it travelled. */
  readonly bytes: Uint8Array;
  readonly headers: MessageHeaders;
}

/** The entity that the message's key names. Assign to `state` to change it; null means no state yet. */
export interface EntityDraft<State = unknown> {
  readonly key: string;
  state: State | null;
}

/** A message to send. Nothing leaves before the state change is durable. */
export interface SendOptions {
  readonly type: string;
  /** Receiving endpoint; left out: every endpoint that this one sends to, a message id for each. */
  readonly to?: string;
  /** Entity key at the receiver; left out: the key of the message at hand. */
  readonly key?: string;
  /** A JSON value. Left out: null. */
  readonly body?: unknown;
  /** Sent as they are, instead of `body`. */
  readonly bytes?: Uint8Array;
}

export type Send = (options: SendOptions) => void;

/**
 * Called at least once for each logical message; its effects take place once. It may run several
 * times, so what it does beside changing `entity` and calling `send` is not protected.
 */
export type Handler<Body = unknown, State = unknown> = (
  message: IncomingMessage<Body>,
  entity: EntityDraft<State>,
  send: Send,
) => void | Promise<void>;

export interface EndpointDefinition {
  readonly name: string;
  /** By message type; `*` takes every type that has no handler of its own. */
  readonly handlers: Readonly<Record<string, Handler>>;
}

/**
 * Declares an endpoint. `Messages` maps message types to bodies and `State` is the entity's state, so
 * that handlers are typed. Errors: `usage` for a name that cannot be one.
 */
export function endpoint<
  Messages extends object = Record<string, unknown>,
  State = unknown,
>(definition: {
  readonly name: string;
  readonly handlers: { readonly [Type in keyof Messages]: Handler<Messages[Type], State> };
}): EndpointDefinition {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(definition.name)) {
    throw new OncectlError('usage', `"${definition.name}" cannot be the name of an endpoint`, {
      about: 'endpoint({ name })',
      hint: 'letters, digits, dot, dash and underscore; at most 63; the first a letter or a digit',
    });
  }
  const handlers = definition.handlers as unknown as Readonly<Record<string, Handler>>;
  return { name: definition.name, handlers };
}

/** Where an endpoint may send to, and how much. */
export interface SendLimits {
  readonly sendsTo: readonly string[];
  readonly mayName: ReadonlySet<string>;
  readonly maxBodyBytes: number;
}

/** What one run of a handler asked for. */
export interface Handled {
  /** `undefined`: unchanged. */
  readonly state: Uint8Array | null | undefined;
  readonly messages: readonly Message[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Runs the handler of `message` in memory. Errors: `handler` (it threw), `invalid-message` (a send). */
export async function runHandler(
  definition: EndpointDefinition,
  limits: SendLimits,
  message: Message,
  body: Uint8Array,
  before: Uint8Array | null,
  mint: { readonly transaction: string; readonly messageId: () => string },
): Promise<Handled> {
  const handler = definition.handlers[message.type] ?? definition.handlers['*'];
  if (!handler) {
    throw new OncectlError('handler', `${definition.name} has no handler for "${message.type}"`, {
      about: `message ${message.id}`,
      hint: 'add one, or a handler named "*"',
    });
  }
  const messages: Message[] = [];
  const draft: EntityDraft = { key: message.key, state: decode(before, 'state') };
  const send: Send = (options) => {
    for (const to of targets(definition.name, limits, options)) {
      messages.push(outgoing(message, to, options, limits, mint));
    }
  };
  try {
    await handler(incoming(message, body), draft, send);
  } catch (error) {
    throw handlerError(definition.name, error);
  }
  return { state: changedState(before, draft.state), messages };
}

function incoming(message: Message, bytes: Uint8Array): IncomingMessage {
  const { id, type, key, headers } = message;
  return { id, type, key, headers, bytes, body: decode(bytes, `body of message ${id}`) };
}

function decode(bytes: Uint8Array | null, what: string): unknown {
  if (bytes === null || bytes.length === 0) return null;
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch (cause) {
    throw new OncectlError('invalid-message', `the ${what} is not JSON`, { about: what, cause });
  }
}

function changedState(before: Uint8Array | null, state: unknown): Uint8Array | null | undefined {
  if (state === null || state === undefined) return before === null ? undefined : null;
  const after = encoder.encode(JSON.stringify(state));
  return before !== null && hashOf(before) === hashOf(after) ? undefined : after;
}

function targets(name: string, limits: SendLimits, options: SendOptions): readonly string[] {
  if (options.to === undefined) return limits.sendsTo;
  if (limits.mayName.has(options.to)) return [options.to];
  throw new OncectlError(
    'invalid-message',
    `${name} sends to "${options.to}", which does not exist`,
    {
      about: `send of ${options.type}`,
      hint: `known: ${[...limits.mayName].join(', ')}`,
    },
  );
}

function outgoing(
  cause: Message,
  to: string,
  options: SendOptions,
  limits: SendLimits,
  mint: { readonly transaction: string; readonly messageId: () => string },
): Message {
  const body = options.bytes ?? encoder.encode(JSON.stringify(options.body ?? null));
  if (body.length > limits.maxBodyBytes) {
    throw new OncectlError(
      'invalid-message',
      `a body of ${body.length} bytes; ${limits.maxBodyBytes} is the most that can be sent`,
      { about: `send of ${options.type} to ${to}` },
    );
  }
  const headers: MessageHeaders = {
    causedBy: cause.id,
    transaction: mint.transaction,
    ...(cause.headers.intendedAt === undefined ? {} : { intendedAt: cause.headers.intendedAt }),
  };
  const { type, key = cause.key } = options;
  return { id: mint.messageId(), endpoint: to, type, key, body, headers };
}

function handlerError(name: string, thrown: unknown): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OncectlError('handler', message, { about: `handler of ${name}`, cause: thrown });
}
