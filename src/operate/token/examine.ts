/**
 * What every payload is for: live, an orphan by proof, too young to say, or old and named by nothing. The
 * last is reported and never swept.
 */
import { transactionOf } from '../../engine/ports.js';
import type { Operation } from '../operation.js';
import type { Coverage } from '../outbox/stuck.js';
import { journalWins } from './journal-wins.js';
import { type Look, lookAround } from './look.js';
import { type PresentPayload, presentPayloads } from './payloads.js';
import { messageKey, type Proof, proofAgainst, together, type Wins, winsOf } from './proof.js';
import { type Quarantined, quarantined } from './quarantine.js';
import { notedWin } from './winners.js';

export type TokenVerdict = 'live' | 'orphan' | 'unreferenced' | 'young';

export interface ExaminedToken extends PresentPayload {
  readonly verdict: TokenVerdict;
  /** The rule that proves it an orphan; null otherwise. */
  readonly rule: Proof['rule'] | null;
  /** What decided, in one clause. */
  readonly why: string;
  readonly quarantine: Quarantined | null;
}

export interface ExaminedTokens {
  /** By verdict (orphan, unreferenced, young, live), the oldest first. */
  readonly tokens: readonly ExaminedToken[];
  readonly look: Look;
  readonly coverage: readonly Coverage[];
  /** There are more payloads than were looked at. */
  readonly truncated: boolean;
}

/** Payloads that are held in memory at most. */
const mostPayloads = 500_000;
const atATime = 16;
const order: readonly TokenVerdict[] = ['orphan', 'unreferenced', 'young', 'live'];

/** Reads only. `youngerThanMs`: a payload that nothing names is left in peace for so long. */
export async function examineTokens(
  operation: Operation,
  { youngerThanMs }: { readonly youngerThanMs: number },
): Promise<ExaminedTokens> {
  const { payloads, truncated } = await presentPayloads(operation, mostPayloads);
  const look = await lookAround(operation);
  const olderThan = Date.now() - youngerThanMs;
  const first = winsOf(look, payloads);
  const open = payloads.filter(
    (one) => liveBy(look, one) === null && !proofAgainst(operation, one, first, look.lostAttempts),
  );
  const kept = await winsOnRecord(
    operation,
    open.filter(({ at }) => at <= olderThan),
  );
  const wins = together([...first.values(), ...kept.values()].flat());
  const inQuarantine = await quarantined(operation.cells);
  const tokens = payloads.map((payload) => ({
    ...payload,
    ...verdictOf(operation, payload, look, wins, olderThan),
    quarantine: inQuarantine.get(payload.id) ?? null,
  }));
  tokens.sort(
    (left, right) =>
      order.indexOf(left.verdict) - order.indexOf(right.verdict) || left.at - right.at,
  );
  return { tokens, look, truncated, coverage: [...look.coverage, ...cut(operation, truncated)] };
}

function verdictOf(
  operation: Operation,
  payload: PresentPayload,
  look: Look,
  wins: Wins,
  olderThan: number,
): Pick<ExaminedToken, 'verdict' | 'rule' | 'why'> {
  const why = liveBy(look, payload);
  if (why !== null) return { verdict: 'live', rule: null, why };
  const proof = proofAgainst(operation, payload, wins, look.lostAttempts);
  if (proof) return { verdict: 'orphan', rule: proof.rule, why: proof.says };
  if (payload.at > olderThan) {
    return { verdict: 'young', rule: null, why: 'its message may be on its way' };
  }
  const unsearched = look.complete ? '' : ' that could be searched';
  return {
    ...{ verdict: 'unreferenced', rule: null },
    why: `nothing${unsearched} names it, and nothing proves that its attempt lost`,
  };
}

/** Why the payload is needed, or may be; null when nothing says so. */
export function liveBy(look: Look, { id, origin }: PresentPayload): string | null {
  const name = look.names.get(id) ?? look.undecided.get(transactionOf(origin.attempt));
  return name?.says ?? null;
}

/** What repairs noted, and what a run's evidence tells: looked up for payloads that are still open. */
async function winsOnRecord(
  { cells, journal }: Operation,
  open: readonly PresentPayload[],
): Promise<Wins> {
  if (open.length === 0) return new Map();
  const messages = new Map(
    open.map(({ origin }) => [messageKey(origin.endpoint, origin.messageId), origin]),
  );
  const asked = [...messages.values()].filter(({ endpoint }) => endpoint !== '');
  const noted = [];
  for (let from = 0; from < asked.length; from += atATime) {
    const some = asked.slice(from, from + atATime);
    noted.push(
      ...(await Promise.all(
        some.map(({ endpoint, messageId }) => notedWin(cells, endpoint, messageId)),
      )),
    );
  }
  const told = journal ? await journalWins(journal, open) : [];
  return together([...noted.filter((win) => win !== null), ...told]);
}

function cut({ endpoints }: Operation, truncated: boolean): readonly Coverage[] {
  if (!truncated) return [];
  const why = `only the first ${mostPayloads} payloads were looked at`;
  const [first] = endpoints;
  return [{ endpoint: first?.name ?? '', store: 'payload', searched: false, why }];
}
