/**
 * How a message lies in SQS. The body is the user's own where it is legal text, so that it can be read
 * in any console; otherwise base64. What is ours is in attributes, apart from it:
 *  `oncectl-id`    our message id, for people and for filters;
 *  `oncectl`       JSON: type, key, headers, and how the body is to be read;
 *  `oncectl-past`  JSON, on copies only: failures and receives of the copies before, time of death.
 * Two or three of the ten attributes that SQS allows: it is the envelope that can grow, not their number.
 *
 * Legal is what SQS documents (no control characters, no empty body), less the characters beyond
 * U+FFFF: SQS takes them, some servers that speak its protocol do not.
 */
import type { Message as Received } from '@aws-sdk/client-sqs';
import { OncectlError } from '../../../engine/errors.js';
import type { Message, MessageHeaders } from '../../../engine/message.js';
import { noPast, type Past, pastText } from './failures.js';
import { jsonOf } from './json.js';
import { batchBytes, pastBytes } from './limits.js';

/** A message as SQS carries it. Copies are made of it without reading it again. */
export interface Encoded {
  readonly id: string;
  readonly body: string;
  /** Value of the attribute `oncectl`. */
  readonly head: string;
  /** Value of the attribute `oncectl-past`; null on a first copy. */
  readonly past: string | null;
}

interface Head {
  readonly type: string;
  readonly key: string;
  readonly headers: MessageHeaders;
  readonly body: 'text' | 'base64' | 'empty';
}

const names = { id: 'oncectl-id', head: 'oncectl', past: 'oncectl-past' } as const;
const largest = batchBytes - pastBytes;
const legalText = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]+$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Refuses, before anything is sent, what SQS could not carry: `too-large` or `invalid-message`. */
export function encode(message: Message): Encoded {
  if (!/^[\x21-\x7e]{1,100}$/.test(message.id)) {
    throw new OncectlError('invalid-message', 'a message id is 1 to 100 visible ASCII characters', {
      about: JSON.stringify(message.id.slice(0, 40)),
      happened: 'no',
    });
  }
  const { type, key, headers } = message;
  const [reading, body] = encodeBody(message.body);
  const head: Head = { type, key, headers, body: reading };
  const encoded = { id: message.id, body, head: jsonOf(head), past: null };
  const bytes = bytesOf(encoded);
  if (bytes <= largest) return encoded;
  throw new OncectlError('too-large', `encoded it has ${bytes} bytes; ${largest} fit into SQS`, {
    about: `${message.endpoint}/${message.id}`,
    happened: 'no',
    hint: 'keep large bodies in a payload store',
  });
}

/** The same message with another past. */
export function withPast(encoded: Encoded, past: Past): Encoded {
  return { ...encoded, past: pastText(past) };
}

/** What SQS counts: the body, and of each attribute its name, its type and its value. */
export function bytesOf(encoded: Encoded): number {
  let bytes = Buffer.byteLength(encoded.body);
  for (const [name, { DataType, StringValue }] of Object.entries(attributesOf(encoded))) {
    bytes += name.length + DataType.length + Buffer.byteLength(StringValue);
  }
  return bytes;
}

export function attributesOf({ id, head, past }: Encoded) {
  return {
    [names.id]: textAttribute(id),
    [names.head]: textAttribute(head),
    ...(past === null ? {} : { [names.past]: textAttribute(past) }),
  };
}

/** The parts of a received message; null for one that is not ours. */
export function encodedOf({ Body, MessageAttributes }: Received): Encoded | null {
  const id = MessageAttributes?.[names.id]?.StringValue;
  const head = MessageAttributes?.[names.head]?.StringValue;
  const past = MessageAttributes?.[names.past]?.StringValue ?? null;
  if (Body === undefined || id === undefined || head === undefined) return null;
  return { id, body: Body, head, past };
}

/** Null when somebody else wrote it, and not as we do. */
export function decode(encoded: Encoded, endpoint: string): Message | null {
  const head = parse<Head>(encoded.head);
  if (typeof head?.key !== 'string' || typeof head.type !== 'string') return null;
  const { type, key, headers } = head;
  const body = decodeBody(head.body, encoded.body);
  return { id: encoded.id, endpoint, type, key, body, headers: headers ?? {} };
}

export function pastOf({ past }: Encoded): Past {
  return past === null ? noPast : (parse<Past>(past) ?? noPast);
}

function encodeBody(body: Uint8Array): [Head['body'], string] {
  if (body.length === 0) return ['empty', '-'];
  const text = asText(body);
  if (text !== null && legalText.test(text)) return ['text', text];
  const { buffer, byteOffset, byteLength } = body;
  return ['base64', Buffer.from(buffer, byteOffset, byteLength).toString('base64')];
}

function decodeBody(reading: Head['body'], body: string): Uint8Array {
  if (reading === 'empty') return new Uint8Array(0);
  return new Uint8Array(Buffer.from(body, reading === 'base64' ? 'base64' : 'utf8'));
}

function asText(body: Uint8Array): string | null {
  try {
    return utf8.decode(body);
  } catch {
    return null;
  }
}

function parse<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

function textAttribute(value: string) {
  return { DataType: 'String', StringValue: value } as const;
}
