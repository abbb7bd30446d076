/**
 * What proves that an attempt lost, so that the payloads it put can go. Of the attempts that put payloads
 * for one transaction (token, bridge), or for one message (register-commit-publish, from outside), at
 * most one wins, and only what the winner put is ever named by a message:
 *
 *  entry     An entry becomes `checked` on the condition that it is `committed`: once, and never back.
 *            What it names then has won; another attempt of its transaction fails that condition for good.
 *  slot      A message is committed into a slot once, for its token is deleted before the slot is
 *            cleared. The slot's transaction has won; another attempt at the message starts again at
 *            step 1 and finds the slot, or no token.
 *  registry  A commit into the slot is conditional on the version that its own registration wrote.
 *            A later registration, or a slot of somebody else's, moved that version on for good.
 *  sibling   A payload that a message, a checked entry or a slot names was put by the winner. It tells
 *            the winner's attempt; all others of its transaction (or message) have lost.
 *  log       A repair noted which payloads the entry named that it finished (`winners.ts`).
 *  journal   The evidence of a run: the commit of the message tells its transaction, and the arrivals
 *            of all messages that it sent tell which payloads were named.
 *
 * Each is about a step that cannot be taken back: a proof that held once holds for ever. So a worker that
 * slept through everything (a zombie) may put another payload, or try to win, at any time between the
 * look and the deletion; it only makes one more orphan. A proof read off a plan, or off a record of the
 * quarantine, is as good as one found now.
 *
 * No proof: "old, and named by nothing". The message may be on its way in from a sender, or in a queue
 * that cannot be searched; or the record that named it has done its work and is gone.
 */
import { transactionOf } from '../../engine/ports.js';
import type { Operation } from '../operation.js';
import type { Look, Win } from './look.js';
import type { PresentPayload } from './payloads.js';

export interface Proof {
  readonly rule: Win['rule'] | 'registry';
  /** In one clause. */
  readonly says: string;
}

/** The wins of each message, by `messageKey`. */
export type Wins = ReadonlyMap<string, readonly Win[]>;

export function messageKey(endpoint: string, messageId: string): string {
  return `${endpoint}\t${messageId}`;
}

/** What the look shows to have won, what is named by messages included (`sibling`). */
export function winsOf(look: Look, payloads: readonly PresentPayload[]): Wins {
  const siblings = payloads.flatMap(({ id, origin }): Win[] => {
    const name = look.names.get(id);
    if (!name?.won || look.lostAttempts.has(origin.attempt)) return [];
    const { endpoint, messageId, attempt } = origin;
    const says = `payload ${id} won: ${name.says}`;
    return [
      {
        ...{ endpoint, messageId, rule: 'sibling', says, attempt },
        ...{ transaction: transactionOf(attempt), payloads: null },
      },
    ];
  });
  return together([...look.wins, ...siblings]);
}

/** By message. */
export function together(wins: readonly Win[]): Wins {
  const byMessage = new Map<string, Win[]>();
  for (const win of wins) {
    const key = messageKey(win.endpoint, win.messageId);
    const known = byMessage.get(key);
    if (known) known.push(win);
    else byMessage.set(key, [win]);
  }
  return byMessage;
}

/** The proof that the payload's attempt lost; null when there is none, or when it won. */
export function proofAgainst(
  operation: Operation,
  payload: PresentPayload,
  wins: Wins,
  lostAttempts: Look['lostAttempts'],
): Proof | null {
  const { endpoint, messageId, attempt } = payload.origin;
  const known = wins.get(messageKey(endpoint, messageId)) ?? [];
  if (known.some((win) => hasWon(payload, win))) return null;
  const oneTransaction = isOneTransaction(operation, endpoint);
  const win = known.find((one) => hasLostTo(payload, one, oneTransaction));
  if (win) return { rule: win.rule, says: win.says };
  const says = lostAttempts.get(attempt);
  return says === undefined ? null : { rule: 'registry', says };
}

function hasWon({ id, origin: { attempt } }: PresentPayload, win: Win): boolean {
  return win.payloads?.has(id) === true || win.attempt === attempt;
}

function hasLostTo(
  { id, origin: { attempt } }: PresentPayload,
  win: Win,
  oneTransaction: boolean,
): boolean {
  if (win.transaction !== transactionOf(attempt)) return oneTransaction;
  if (win.attempt !== null) return win.attempt !== attempt;
  return win.payloads !== null && !win.payloads.has(id);
}

/**
 * Whether a message has one transaction for ever. A bridge forgets after its retention, and a copy that is
 * later still is another transaction of the same message, which takes nothing from the first.
 */
function isOneTransaction(operation: Operation, endpoint: string): boolean {
  if (endpoint === '') return true;
  const found = operation.endpoints.find(({ name }) => name === endpoint);
  return found?.protocol.name === 'register-commit-publish';
}
