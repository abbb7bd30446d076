/**
 * What names payloads: messages in queues and among the dead letters, entries, slots, registrations; and
 * which attempts they show to have won, to have lost, or to be undecided.
 *
 * In the order entries, then queues, behind a listing of payloads, nothing that is live is missed. An
 * attempt puts its payloads after its entry is committed, or registered. So the entry of a payload that
 * was listed is found undecided; or checked (or a slot), and names the winner; or it is gone, and then
 * all that it named had been dispatched before the queues were looked at.
 */
import type { Entry } from '../../engine/ports.js';
import type { QueuedCopy, RegisteredEntity } from '../../engine/upkeep.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { registeredEntities } from '../registered.js';

/** Why a payload is live. */
export interface Name {
  readonly endpoint: string;
  readonly messageId: string;
  /** Whoever put it has won; false: it may still win. */
  readonly won: boolean;
  readonly says: string;
}

/** An attempt that has won, as a record shows. */
export interface Win {
  /** Of the message that was handled. */
  readonly endpoint: string;
  readonly messageId: string;
  readonly rule: 'entry' | 'slot' | 'sibling' | 'log' | 'journal';
  readonly says: string;
  readonly transaction: string;
  /** The attempt among those of its transaction; null when the record does not tell. */
  readonly attempt: string | null;
  /** All payloads that it put; null when the record does not tell. */
  readonly payloads: ReadonlySet<string> | null;
}

export interface Look {
  /** What names a payload, by its id. */
  readonly names: ReadonlyMap<string, Name>;
  /** Incoming payloads of messages that were handled: an entry or slot has them to consume. */
  readonly handled: ReadonlyMap<string, Name>;
  readonly wins: readonly Win[];
  /** Transactions whose entry is committed and unchecked: each of their attempts may still win. */
  readonly undecided: ReadonlyMap<string, Name>;
  /** Registered attempts (register-commit-publish) that can no longer win, with the reason. */
  readonly lostAttempts: ReadonlyMap<string, string>;
  readonly copies: readonly QueuedCopy[];
  /** Whether every queue was searched to its end. */
  readonly complete: boolean;
  readonly coverage: readonly Coverage[];
}

const pageSize = 500;
/** More copies than these are not held in memory; the coverage says so. */
const mostCopies = 200_000;

/** Reads only. */
export async function lookAround(operation: Operation): Promise<Look> {
  const look = {
    names: new Map<string, Name>(),
    handled: new Map<string, Name>(),
    wins: [] as Win[],
    undecided: new Map<string, Name>(),
    lostAttempts: new Map<string, string>(),
  };
  for (const endpoint of operation.endpoints) {
    if (endpoint.protocol.name === 'token' || endpoint.protocol.name === 'bridge') {
      await eachEntry(endpoint, (entry) => noteEntry(look, endpoint.name, entry));
    }
    if (endpoint.protocol.name === 'register-commit-publish') {
      for await (const entity of registeredEntities(endpoint.upkeep.business, endpoint.name)) {
        noteEntity(look, endpoint.name, entity);
      }
    }
  }
  const { copies, coverage } = await copiesOfAll(operation);
  for (const copy of copies) noteCopy(look, copy);
  return { ...look, copies, coverage, complete: coverage.length === 0 };
}

type Notes = {
  readonly names: Map<string, Name>;
  readonly handled: Map<string, Name>;
  readonly wins: Win[];
  readonly undecided: Map<string, Name>;
  readonly lostAttempts: Map<string, string>;
};

function noteEntry(look: Notes, endpoint: string, entry: Entry): void {
  const { messageId, step, token, payloads, transaction } = entry;
  const by = { endpoint, messageId };
  if (token !== undefined) {
    const name = { ...by, won: true, says: `the entry of ${messageId} has it to consume` };
    look.handled.set(token, name);
    if (step !== 'dispatched') look.names.set(token, name);
  }
  if (step === 'committed') {
    const says = `the entry of ${messageId} is unchecked: this attempt may still win`;
    look.undecided.set(transaction, { ...by, won: false, says });
  }
  if (!payloads) return;
  for (const id of Object.values(payloads)) {
    look.names.set(id, { ...by, won: true, says: `the checked entry of ${messageId} names it` });
  }
  const says = `the entry of ${messageId} is checked and names other payloads`;
  look.wins.push({
    ...{ ...by, rule: 'entry', says, transaction, attempt: null },
    payloads: new Set(Object.values(payloads)),
  });
}

/**
 * A commit into the slot is conditional on the version that its own registration wrote. So only the last
 * registration of an entity may still win, and none once the slot is taken.
 */
function noteEntity(look: Notes, endpoint: string, { slot, registry }: RegisteredEntity): void {
  for (const [index, { attempt, messageId, payloads }] of registry.entries()) {
    const isLast = index === registry.length - 1;
    if (slot) {
      if (slot.transaction === attempt) continue;
      const says = `the entity's slot was taken by transaction ${slot.transaction}`;
      look.lostAttempts.set(attempt, says);
    } else if (isLast) {
      const says = `an attempt at ${messageId} registered it and may still win`;
      for (const id of payloads) look.names.set(id, { endpoint, messageId, won: false, says });
    } else look.lostAttempts.set(attempt, 'a later attempt registered at its entity');
  }
  if (!slot) return;
  const { messageId, token, payloads, transaction } = slot;
  const by = { endpoint, messageId };
  if (token !== null) {
    const name = { ...by, won: true, says: `the slot of ${messageId} has it to consume` };
    look.handled.set(token, name);
    look.names.set(token, name);
  }
  for (const id of Object.values(payloads)) {
    look.names.set(id, { ...by, won: true, says: `the slot of ${messageId} names it` });
  }
  const says = `the slot of ${messageId} is of another attempt`;
  look.wins.push({
    ...{ ...by, rule: 'slot', says, transaction, attempt: transaction },
    payloads: new Set(Object.values(payloads)),
  });
}

function noteCopy(look: Notes, { message, state }: QueuedCopy): void {
  const { id: messageId, endpoint, headers } = message;
  if (!headers.payload) return;
  const where = state === 'dead' ? 'the dead letter' : 'the queued message';
  const says = `${where} ${messageId} names it`;
  look.names.set(headers.payload.id, { endpoint, messageId, won: true, says });
}

async function eachEntry({ upkeep, name }: OperatedEndpoint, visit: (entry: Entry) => void) {
  for (let after: string | null = null; ; ) {
    const page: readonly Entry[] = await upkeep.business.entries(name, {
      ...{ prefix: '', after, limit: pageSize },
    });
    for (const entry of page) visit(entry);
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.messageId;
  }
}

async function copiesOfAll({ queues }: Operation) {
  const copies: QueuedCopy[] = [];
  const coverage: Coverage[] = [];
  for (const { broker, names } of queues) {
    const unsearched = (why: string) => {
      const common = { store: 'broker', searched: false, why } as const;
      coverage.push(...names.map((endpoint) => ({ endpoint, ...common })));
    };
    if (broker.searching === 'receives') {
      unsearched(
        'this broker shows its messages only to who receives them: what a queued message names is not known',
      );
      continue;
    }
    const found = await broker.copies(names, '', mostCopies);
    copies.push(...found);
    if (found.length >= mostCopies) {
      unsearched(`only ${mostCopies} of its messages were looked at`);
    }
  }
  return { copies, coverage };
}
