/** Which attempts won, as the evidence of a run shows (rule `journal` of `proof.ts`). */
import { transactionOf } from '../../engine/ports.js';
import type { Journal, JournalCommit } from '../journal.js';
import type { Win } from './look.js';
import type { PresentPayload } from './payloads.js';

/**
 * The wins of the messages at which these payloads were put. Two passes over the run's evidence at most:
 * the commits of the messages, then the arrivals of what these sent.
 */
export async function journalWins(
  journal: Journal,
  payloads: readonly PresentPayload[],
): Promise<readonly Win[]> {
  const [entered, handled] = [new Set<string>(), new Set<string>()];
  for (const { origin } of payloads) {
    (origin.endpoint === '' ? entered : handled).add(origin.messageId);
  }
  const commits = handled.size === 0 ? [] : [...(await journal.commitsOf(handled)).values()];
  const sent = commits.flatMap(({ outgoing }) => outgoing.map(({ id }) => id));
  const asked = new Set([...entered, ...sent]);
  const named = asked.size === 0 ? new Map() : await journal.payloadsNamed(asked);
  return [
    ...commits.map((commit) => winOf(commit, named)),
    ...[...entered].flatMap((id) => winsOfEntered(id, named)),
  ];
}

type Named = ReadonlyMap<string, ReadonlySet<string>>;

function winOf(commit: JournalCommit, named: Named): Win {
  const { endpoint, messageId, transaction, outgoing } = commit;
  const arrived = outgoing.map(({ id }) => named.get(id));
  // What has not arrived may be named by a message that is still on its way.
  const isKnown = arrived.every((payloads) => payloads !== undefined);
  const payloads = isKnown ? new Set(arrived.flatMap((one) => [...(one ?? [])])) : null;
  const says = `the journal has transaction ${transaction} for ${messageId}, and it sent other payloads`;
  return { endpoint, messageId, rule: 'journal', says, transaction, attempt: null, payloads };
}

/** From outside, a payload is its own attempt. */
function winsOfEntered(messageId: string, named: Named): readonly Win[] {
  const says = `the journal has ${messageId} arriving with another payload`;
  return [...(named.get(messageId) ?? [])].map((payload) => ({
    ...{ endpoint: '', messageId, rule: 'journal' as const, says },
    ...{ transaction: transactionOf(payload), attempt: payload, payloads: null },
  }));
}
