/** One message, looked at again and again until nothing happens to it by itself any more. */
import { OncectlError } from '../../engine/errors.js';
import { pause } from '../../engine/pause.js';
import type { Operation } from '../operation.js';
import { type Inspected, inspectMessage } from './inspect.js';

const lookEveryMs = 500;

/**
 * Yields what there is at first, then every change; ends when the message is done, dead, or `signal` is
 * aborted. A message that was handled and forgotten while it was followed is done.
 */
export async function* followMessage(
  operation: Operation,
  wanted: string,
  signal: AbortSignal,
): AsyncIterable<Inspected> {
  let last: Inspected | null = null;
  while (!signal.aborted) {
    const now = await look(operation, last?.facts.messageId ?? wanted, last);
    if (last === null || pictureOf(now) !== pictureOf(last)) yield now;
    last = now;
    if (now.next.state === 'done' || now.next.state === 'dead') return;
    await pause(lookEveryMs, signal);
  }
}

async function look(operation: Operation, wanted: string, last: Inspected | null) {
  try {
    return await inspectMessage(operation, wanted, { peek: false });
  } catch (error) {
    if (!last || !(error instanceof OncectlError) || error.kind !== 'not-found') throw error;
    return forgotten(last);
  }
}

/** Tokens leave nothing behind: a message that was here and is nowhere has come to its end. */
function forgotten({ deployment, facts, ladder }: Inspected): Inspected {
  const gone = { copies: [], entry: null, slot: null, registrations: [], record: null };
  const rungs = ladder?.rungs.map((rung) => ({ ...rung, state: 'done' as const })) ?? [];
  const ifLeft = 'nothing: it was handled to its end, and nothing of it is kept';
  return {
    deployment,
    facts: { ...facts, ...gone, at: Date.now() },
    ladder: ladder && { rungs, here: null },
    next: { state: 'done', ifLeft, at: null, ifRepaired: null },
  };
}

/** What counts as a change: not the time that passes. */
function pictureOf({ facts, ladder, next }: Inspected): string {
  const copies = facts.copies.map(({ state, holder, receives, failures }) => {
    return [state, holder, receives, failures.length];
  });
  return JSON.stringify([copies, facts.entry?.step, ladder?.here, next.state, facts.record?.at]);
}
