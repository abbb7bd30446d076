/**
 * One line of each evidence file, written and read back. Reading is strict: a line that this module
 * would not have written is refused with the reason, because a guess about evidence is worth nothing.
 * Endpoint names and ids must be free of tabs, commas, colons and newlines (the profile and the id
 * generator see to it); keys may be any well-formed string.
 */
import type { EntityRecord, PendingMessage } from '../engine/evidence.js';
import type { CommitRecord, OutgoingRecord } from '../engine/ports.js';

/** A message of the load generator, by id; `unknown` when the send's outcome is. */
export interface EnteredRecord {
  readonly messageId: string;
  readonly endpoint: string;
  readonly key: string;
  readonly hash: string;
  readonly outcome: 'accepted' | 'unknown';
}

/** Body hash of an arrival whose body was not there to be read: a copy of a message already consumed. */
export const unreadBody = '?';

/** One copy of a message as a receiver or a sink met it, before anything was done with it. */
export interface ArrivalRecord {
  readonly endpoint: string;
  readonly messageId: string;
  /** Transaction that the message says produced it; null for entered messages. */
  readonly transaction: string | null;
  /** `hashOf` of the real body, also when the message carries a reference to it; or `unreadBody`. */
  readonly hash: string;
  /** Payload that the message names; left out for one that carries its body. */
  readonly payload?: string;
}

/** A fault or an operator's action on one message. */
export interface InjectedRecord {
  readonly endpoint: string;
  readonly messageId: string;
  /** `restored` takes one `discarded` back: the message is there again. */
  readonly what: 'duplicate' | 'discarded' | 'restored';
}

/** Why a line is no evidence. The reader of the file adds its name and the line's number. */
export class MalformedLine extends Error {}

const absent = '-';
const orAbsent = (field: string | null) => (field === null || field === '' ? absent : field);
const orNull = (field: string) => (field === absent ? null : field);
const orEmpty = (field: string) => (field === absent ? '' : field);

function fieldsOf(line: string, count: number, most = count): string[] {
  const fields = line.split('\t');
  if (fields.length < count || fields.length > most) {
    throw new MalformedLine(`${fields.length} fields where ${count} belong`);
  }
  if (fields.includes('')) throw new MalformedLine('an empty field');
  return fields;
}

function oneOf<T extends string>(allowed: readonly T[], field: string): T {
  const found = allowed.find((one) => one === field);
  if (found === undefined) throw new MalformedLine(`"${field}", not ${allowed.join(' or ')}`);
  return found;
}

function versionOf(field: string): number {
  const version = Number(field);
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new MalformedLine(`"${field}", not a version`);
  }
  return version;
}

/** An empty key becomes `%`, which no encoded key can be. */
export function encodeKey(key: string): string {
  return key === '' ? '%' : key === absent ? '%2D' : encodeURIComponent(key);
}

/** The key that `encodeKey` made `field` of. */
export function decodeKey(field: string): string {
  if (field === '%') return '';
  if (!field.includes('%')) return field;
  try {
    return decodeURIComponent(field);
  } catch {
    throw new MalformedLine(`a key that cannot be decoded: ${field}`);
  }
}

export function formatEntered(record: EnteredRecord): string {
  const { messageId, endpoint, key, hash, outcome } = record;
  return `${messageId}\t${endpoint}\t${encodeKey(key)}\t${orAbsent(hash)}\t${outcome}\n`;
}

/** Reads one line of `entered-NAME.tsv`, without its newline. */
export function parseEntered(line: string): EnteredRecord {
  const [messageId = '', endpoint = '', key = '', hash = '', outcome = ''] = fieldsOf(line, 5);
  return {
    messageId,
    endpoint,
    key: decodeKey(key),
    hash: orEmpty(hash),
    outcome: oneOf(['accepted', 'unknown'], outcome),
  };
}

export function formatArrival(record: ArrivalRecord): string {
  const { endpoint, messageId, transaction, hash, payload } = record;
  const named = payload === undefined ? '' : `\t${payload}`;
  return `${endpoint}\t${messageId}\t${orAbsent(transaction)}\t${orAbsent(hash)}${named}\n`;
}

/** Reads one line of `arrivals-NAME.tsv`, without its newline. */
export function parseArrival(line: string): ArrivalRecord {
  const [endpoint = '', messageId = '', transaction = '', hash = '', payload] = fieldsOf(
    line,
    4,
    5,
  );
  return {
    endpoint,
    messageId,
    transaction: orNull(transaction),
    hash: orEmpty(hash),
    ...(payload === undefined ? {} : { payload }),
  };
}

export function formatInjected(record: InjectedRecord): string {
  return `${record.endpoint}\t${record.messageId}\t${record.what}\n`;
}

/** Reads one line of `injected-NAME.tsv`, without its newline. */
export function parseInjected(line: string): InjectedRecord {
  const [endpoint = '', messageId = '', what = ''] = fieldsOf(line, 3);
  return { endpoint, messageId, what: oneOf(['duplicate', 'discarded', 'restored'], what) };
}

export function formatPending(record: PendingMessage): string {
  return `${record.endpoint}\t${record.messageId}\t${record.where}\n`;
}

/** Reads one line of `pending.tsv`, without its newline. */
export function parsePending(line: string): PendingMessage {
  const [endpoint = '', messageId = '', where = ''] = fieldsOf(line, 3);
  return { endpoint, messageId, where: oneOf(['queued', 'dead'], where) };
}

export function formatEntity(record: EntityRecord): string {
  const { endpoint, key, version, transaction, hash } = record;
  const end = `${version}\t${orAbsent(transaction)}\t${orAbsent(hash)}`;
  return `${endpoint}\t${encodeKey(key)}\t${end}\n`;
}

/** Reads one line of `entities.tsv`, without its newline. */
export function parseEntity(line: string): EntityRecord {
  const [endpoint = '', key = '', version = '', transaction = '', hash = ''] = fieldsOf(line, 5);
  return {
    endpoint,
    key: decodeKey(key),
    version: versionOf(version),
    transaction: orNull(transaction),
    hash: orEmpty(hash),
  };
}

export function formatCommit(record: CommitRecord): string {
  const { endpoint, messageId, key, transaction, previous, version, before, after } = record;
  const who = `${endpoint}\t${messageId}\t${encodeKey(key)}\t${transaction}\t${orAbsent(previous)}`;
  const state = `${version}\t${orAbsent(before)}\t${orAbsent(after)}`;
  return `${who}\t${state}\t${formatOutgoing(record.outgoing)}\n`;
}

function formatOutgoing(outgoing: readonly OutgoingRecord[]): string {
  let text = '';
  for (const { id, endpoint, hash } of outgoing) {
    text += `${text === '' ? '' : ','}${id}:${endpoint}:${orAbsent(hash)}`;
  }
  return orAbsent(text);
}

/** Reads one line of `commits-NAME.tsv`, without its newline. */
export function parseCommit(line: string): CommitRecord {
  const fields = fieldsOf(line, 9);
  const [endpoint = '', messageId = '', key = '', transaction = '', previous = ''] = fields;
  const [, , , , , version = '', before = '', after = '', outgoing = ''] = fields;
  if (transaction === absent) throw new MalformedLine('a commit without a transaction');
  return {
    endpoint,
    messageId,
    key: decodeKey(key),
    transaction,
    previous: orNull(previous),
    version: versionOf(version),
    before: orEmpty(before),
    after: orEmpty(after),
    outgoing: outgoing === absent ? [] : outgoing.split(',').map(parseOutgoing),
  };
}

function parseOutgoing(text: string): OutgoingRecord {
  const parts = text.split(':');
  const [id = '', endpoint = '', hash = ''] = parts;
  if (parts.length !== 3 || id === '' || endpoint === '' || hash === '') {
    throw new MalformedLine(`"${text}", not id:endpoint:hash`);
  }
  return { id, endpoint, hash: orEmpty(hash) };
}
