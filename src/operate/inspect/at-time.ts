/** Where a message was at an earlier moment, from the commit journal of a run. */

import { OncectlError } from '../../engine/errors.js';
import { idTime } from '../../engine/ids.js';
import type { Operation } from '../operation.js';

export interface AtTime {
  readonly messageId: string;
  readonly endpoint: string;
  /** The moment asked about, ms since the epoch. */
  readonly time: number;
  readonly state: 'not made yet' | 'not committed yet' | 'committed';
  /** When its id was made, by its sender's clock; 0 for an id that is not ours. */
  readonly madeAt: number;
  readonly committedAt: number;
  readonly version: number;
  /** What its commit promised, and whether each had been committed by its receiver at that moment. */
  readonly outgoing: readonly {
    readonly id: string;
    readonly endpoint: string;
    readonly committedAt: number | null;
    readonly wasCommitted: boolean;
  }[];
}

/**
 * The journal knows commits and nothing between them. Errors: `refused` where there is no journal,
 * `not-found` for a message that was never committed.
 */
export async function messageAt(
  { journal, name }: Operation,
  messageId: string,
  time: number,
): Promise<AtTime> {
  if (!journal) {
    throw new OncectlError('refused', 'a deployment without an audit keeps no journal', {
      about: name,
      hint: 'a bench run does: -p @last',
    });
  }
  const commit = (await journal.commitsOf(new Set([messageId]))).get(messageId);
  if (!commit) {
    throw new OncectlError('not-found', `no commit of "${messageId}" is in the journal`, {
      about: messageId,
      hint: 'give the whole id; inspect without --at looks into the stores',
    });
  }
  const receivers = await journal.commitsOf(new Set(commit.outgoing.map(({ id }) => id)));
  const madeAt = idTime(messageId);
  const state =
    time < madeAt ? 'not made yet' : time < commit.at ? 'not committed yet' : 'committed';
  return {
    ...{ messageId, endpoint: commit.endpoint, time, state, madeAt },
    ...{ committedAt: commit.at, version: commit.version },
    outgoing: commit.outgoing.map(({ id, endpoint }) => {
      const committedAt = receivers.get(id)?.at ?? null;
      return {
        id,
        endpoint,
        committedAt,
        wasCommitted: committedAt !== null && committedAt <= time,
      };
    }),
  };
}
