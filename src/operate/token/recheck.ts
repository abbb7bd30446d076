/**
 * Immediately before a payload is put into quarantine or deleted: is it still what the plan saw, and does
 * nothing name it? The proof itself cannot have gone stale (`proof.ts`); this finds a proof that was wrong.
 */
import type { PayloadOrigin } from '../../engine/ports.js';
import type { Operation } from '../operation.js';
import type { ItemOutcome } from '../plan/executor.js';
import { liveBy } from './examine.js';
import { type Look, lookAround } from './look.js';
import { type PresentPayload, presentPayload } from './payloads.js';

/** Items that come in quick succession share a look around. */
const lookLivesMs = 1000;

const looks = new WeakMap<Operation, { readonly at: number; readonly look: Promise<Look> }>();

/** The payload, or what its item comes to instead. */
export async function recheck(
  operation: Operation,
  id: string,
  origin: PayloadOrigin,
): Promise<{ readonly payload: PresentPayload } | { readonly instead: ItemOutcome }> {
  const payload = await presentPayload(operation, id);
  if (!payload) return { instead: { outcome: 'yielded', to: 'the payload is gone' } };
  if (!isSame(payload.origin, origin)) {
    const rule = 'its origin is not the one that was seen';
    return { instead: { outcome: 'skipped', rule } };
  }
  const why = liveBy(await recentLook(operation), payload);
  if (why === null) return { payload };
  return { instead: { outcome: 'skipped', rule: `it is live: ${why}` } };
}

function isSame(left: PayloadOrigin, right: PayloadOrigin): boolean {
  return (
    left.endpoint === right.endpoint &&
    left.messageId === right.messageId &&
    left.attempt === right.attempt
  );
}

function recentLook(operation: Operation): Promise<Look> {
  const known = looks.get(operation);
  if (known && Date.now() - known.at < lookLivesMs) return known.look;
  const look = lookAround(operation);
  looks.set(operation, { at: Date.now(), look });
  return look;
}
