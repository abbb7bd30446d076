/**
 * What happens to a message next, computed from where it stands, the program's remaining steps and the
 * leases: if it is left alone, and if it is repaired now.
 */
import type { QueuedCopy } from '../../engine/upkeep.js';
import type { MessageFacts } from './facts.js';
import type { Ladder } from './ladder.js';

export interface WhatNext {
  /** `done`, `moving` (a worker has it or will have it), `stuck` (nothing moves it), `dead`. */
  readonly state: 'done' | 'moving' | 'stuck' | 'dead';
  readonly ifLeft: string;
  /** When something happens by itself, ms since the epoch; null: not by itself, or not known. */
  readonly at: number | null;
  /** null: there is nothing that a repair would finish. */
  readonly ifRepaired: string | null;
}

/** `time` says a moment to whoever reads. */
export function whatNext(
  facts: MessageFacts,
  ladder: Ladder | null,
  time: (ms: number) => string,
): WhatNext {
  const { copies, entry, slot, at } = facts;
  const pending = (entry !== null && entry.step !== 'dispatched') || slot !== null;
  const ifRepaired = pending && ladder ? repairText(facts, ladder) : null;
  const alive = copies.filter(({ state }) => state !== 'dead');
  const first = alive.reduce<QueuedCopy | null>(
    (earliest, copy) => (earliest === null || copy.at < earliest.at ? copy : earliest),
    null,
  );
  if (first) {
    const comes = first.state === 'visible' ? at : first.at;
    const then = `${thenText(facts, ladder)}`;
    return { state: 'moving', ifLeft: `${copyText(first, time)}, ${then}`, at: comes, ifRepaired };
  }
  const isBlind = facts.coverage.length > 0;
  if (pending) {
    const ifLeft = copies.some(({ state }) => state === 'dead')
      ? 'its message is a dead letter: nothing moves it until the letter is retried, or the entry repaired'
      : isBlind
        ? 'whether its message is still queued is not known: this broker was not searched'
        : 'nothing moves it: no message is left that would bring it on';
    return { state: 'stuck', ifLeft, at: null, ifRepaired };
  }
  if (copies.length > 0) {
    const ifLeft = 'it stays a dead letter until somebody retries, edits or discards it';
    return { state: 'dead', ifLeft, at: null, ifRepaired: null };
  }
  return {
    state: 'done',
    ifLeft: 'nothing: it was handled to its end',
    at: null,
    ifRepaired: null,
  };
}

function copyText(copy: QueuedCopy, time: (ms: number) => string): string {
  if (copy.state === 'visible') return 'received by the next free worker';
  if (copy.state === 'delayed') return `visible at ${time(copy.at)}`;
  const holder = copy.holder === null ? 'a worker' : copy.holder;
  return `${holder} has it; if that worker is gone: redelivered ${time(copy.at)}`;
}

function thenText({ entry, slot, record, payload, operated }: MessageFacts, ladder: Ladder | null) {
  if (!ladder || !operated) return 'arrives at the sink';
  const rung = ladder.rungs.find(({ state }) => state === 'here');
  const where = rung ? `step ${rung.number} (${rung.step})` : 'its end';
  if (slot) return `finds the slot, goes on at ${where}`;
  if (entry && entry.step !== 'dispatched') return `finds the entry, goes on at ${where}`;
  const isDuplicate = entry !== null || record !== null || (payload !== null && !payload.present);
  return isDuplicate ? 'is recognised as a duplicate and acknowledged' : 'is handled from step 1';
}

function repairText({ entry, slot }: MessageFacts, ladder: Ladder): string {
  const from = ladder.rungs.filter(({ state, step }) => state !== 'done' && step !== 'ack');
  const isToSend = from.some(({ step }) => step === 'dispatch' || step === 'enter');
  const sends = isToSend ? ((entry ?? slot)?.messages.length ?? 0) : 0;
  const steps = from.map(({ number }) => number);
  const range = steps.length > 1 ? `steps ${steps[0]} to ${steps.at(-1)}` : `step ${steps[0]}`;
  const undo = sends > 0 ? ', cannot be undone' : '';
  return `${range}: ${sends} ${sends === 1 ? 'send' : 'sends'}, no business logic${undo}`;
}
