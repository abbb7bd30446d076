/** The API that a service's own handlers are written against. */
import { OncectlError } from './errors.js';
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
  /** null: not declared, so that every send has to name its receiver. */
  readonly sendsTo: readonly string[] | null;
  readonly mayName: ReadonlySet<string>;
  readonly maxBodyBytes: number;
}

/** What one run of a handler asked for. */
export interface Handled {
  /** `undefined`: unchanged. */
  readonly state: Uint8Array | null | undefined;
  readonly messages: readonly Message[];
}

/** Longest key or type: what every backend can hold beside an endpoint's name and an id. */
const longestTextBytes = 1000;

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
  let hasEnded = false;
  const send: Send = (options) => {
    // What is sent now would stand in no commit: a leak.
    if (hasEnded) throw sentTooLate(definition.name, options.type);
    for (const to of targets(definition.name, limits, options)) {
      messages.push(outgoing(message, to, options, limits, mint));
    }
  };
  try {
    await handler(incoming(message, body), draft, send);
  } catch (error) {
    throw handlerError(definition.name, error);
  } finally {
    hasEnded = true;
  }
  return { state: changedState(before, draft.state, definition.name), messages };
}

function sentTooLate(name: string, type: string): OncectlError {
  return new OncectlError('handler', 'send was called after the handler had ended', {
    about: `send of ${type} by ${name}`,
    hint: 'await everything that the handler starts',
  });
}

function incoming(message: Message, bytes: Uint8Array): IncomingMessage {
  const { id, type, key, headers } = message;
  return { id, type, key, headers, bytes, body: decode(bytes, `body of message ${id}`) };
}

function decode(bytes: Uint8Array | null, what: string): unknown {
  if (bytes === null || bytes.length === 0) return null;
  try {
    return JSON.parse(asBuffer(bytes).toString()) as unknown;
  } catch (cause) {
    throw new OncectlError('invalid-message', `the ${what} is not JSON`, { about: what, cause });
  }
}

/** The same bytes with Buffer's methods, which are several times as fast as TextDecoder's. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function changedState(
  before: Uint8Array | null,
  state: unknown,
  name: string,
): Uint8Array | null | undefined {
  if (state === null || state === undefined) return before === null ? undefined : null;
  const after = encode(state, (cause) => {
    const about = `handler of ${name}`;
    return new OncectlError('handler', 'the state is nothing that JSON can say', { about, cause });
  });
  return before !== null && asBuffer(before).equals(after) ? undefined : after;
}

/** JSON text of a value; throws what `refused` makes of a value that has none. */
function encode(value: unknown, refused: (cause: unknown) => OncectlError): Uint8Array {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw refused(cause);
  }
  if (text === undefined) throw refused(undefined);
  return Buffer.from(text);
}

function targets(name: string, limits: SendLimits, options: SendOptions): readonly string[] {
  if (options.to === undefined) {
    if (limits.sendsTo !== null) return limits.sendsTo;
    throw new OncectlError('invalid-message', `${name} sends without naming a receiver`, {
      about: `send of ${options.type}`,
      hint: `give \`to\`: ${[...limits.mayName].join(', ')}`,
    });
  }
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
  const about = `send of ${options.type} to ${to}`;
  const { type, key = cause.key } = options;
  checkText('type', type, about);
  checkText('key', key, about);
  const body = options.bytes ?? encode(options.body ?? null, (thrown) => notJson(about, thrown));
  if (body.length > limits.maxBodyBytes) {
    throw new OncectlError(
      'invalid-message',
      `a body of ${body.length} bytes; ${limits.maxBodyBytes} is the most that can be sent`,
      { about },
    );
  }
  const headers: MessageHeaders = {
    causedBy: cause.id,
    transaction: mint.transaction,
    ...(cause.headers.intendedAt === undefined ? {} : { intendedAt: cause.headers.intendedAt }),
  };
  return { id: mint.messageId(), endpoint: to, type, key, body, headers };
}

function notJson(about: string, cause: unknown): OncectlError {
  const message = 'the body is nothing that JSON can say';
  return new OncectlError('invalid-message', message, { about, cause });
}

/** Refuses here what a store would refuse, or fold, after the commit had promised it. */
export function checkText(what: 'type' | 'key', text: string, about: string): void {
  const wrong = textFault(text);
  if (wrong === null) return;
  throw new OncectlError('invalid-message', `the ${what} ${wrong}`, { about });
}

function textFault(text: string): string | null {
  if (text === '') return 'is empty';
  if (/\p{Surrogate}/u.test(text)) return 'holds half a character, which UTF-8 cannot carry';
  if (text.length <= longestTextBytes / 4) return null;
  const bytes = Buffer.byteLength(text);
  return bytes > longestTextBytes ? `has ${bytes} bytes; ${longestTextBytes} is the most` : null;
}

function handlerError(name: string, thrown: unknown): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OncectlError('handler', message, { about: `handler of ${name}`, cause: thrown });
}
