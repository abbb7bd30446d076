/**
 * One conditional write, until it is known whether it took place. Rules:
 *  W1 every try sends the same bytes on the same condition: of all tries at most one can take place;
 *  W2 409 and throttling say that this try did not happen: try again, for a bounded time;
 *  W3 no answer says nothing: try again. If the lost try took place, this one is refused;
 *  W4 refused (412): read. The write stands among the last writes of the entity, or it never will:
 *     what it depended on is gone for good, because no content comes again (E2);
 *  W5 only when the tries run out without an answer, or too many writes followed, it stays unknown.
 */
import { asOncectlError, type Happened, OncectlError } from '../../../engine/errors.js';
import type { ConditionalPut } from './bucket.js';
import { type Snapshot, tookPlace } from './entity-row.js';
import { pause } from './pause.js';

const mostFailures = 4;
const mostBusy = 8;

export interface Requests {
  readonly put: () => Promise<ConditionalPut>;
  readonly read: () => Promise<Snapshot>;
  /** Waits before another try: the more there were, the longer. */
  readonly wait?: (tries: number) => Promise<void>;
}

export type Outcome =
  | { readonly outcome: 'written'; readonly etag: string }
  | { readonly outcome: 'written' | 'lost'; readonly etag: null; readonly snapshot: Snapshot };

/** Rejects with `happened: 'unknown'` only as W5 says, else with what kept it from happening. */
export async function conditionalWrite(
  write: string,
  base: Snapshot,
  { put, read, wait = pause }: Requests,
): Promise<Outcome> {
  /** A try that got no answer, and may have taken place. */
  let unanswered: OncectlError | null = null;
  for (let failures = 0, busy = 0; ; ) {
    const answer = await put().catch(asOncectlError);
    if (answer === 'refused') return afterRefusal(write, base, read, unanswered);
    if (answer === 'busy') {
      if (++busy >= mostBusy) throw unanswered ?? stillBusy(base);
    } else if (answer instanceof OncectlError) {
      if (answer.happened === 'unknown') unanswered = answer;
      if (!isPassing(answer) || ++failures >= mostFailures) throw unanswered ?? answer;
    } else {
      return { outcome: 'written', etag: answer.etag };
    }
    await wait(failures + busy);
  }
}

async function afterRefusal(
  write: string,
  base: Snapshot,
  read: () => Promise<Snapshot>,
  unanswered: OncectlError | null,
): Promise<Outcome> {
  const snapshot = await read().catch((error: unknown) => {
    throw told(asOncectlError(error), unanswered ? 'unknown' : 'no');
  });
  const happened = tookPlace(write, base.row, snapshot.row);
  // An object that is as it was could still be changed by the try that got no answer.
  const isOpen = happened === null || snapshot.etag === base.etag;
  if (unanswered && !happened && isOpen) throw unanswered;
  return { outcome: happened ? 'written' : 'lost', etag: null, snapshot };
}

function isPassing({ kind }: OncectlError): boolean {
  return kind === 'unreachable' || kind === 'timeout';
}

function told(error: OncectlError, happened: Happened): OncectlError {
  const { kind, message, about, hint, cause } = error;
  return new OncectlError(kind, message, {
    happened,
    cause,
    ...(about === undefined ? {} : { about }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function stillBusy({ row: { endpoint, key } }: Snapshot): OncectlError {
  return new OncectlError('unreachable', 'Amazon S3 goes on refusing a write as too many at once', {
    about: `entity ${endpoint}/${key}`,
    hint: 'nothing was written; it is tried again. Lower the rate if it goes on',
  });
}
