/** One message, gathered and understood. */
import type { Operation } from '../operation.js';
import type { MessageFacts } from './facts.js';
import { findMessage } from './find.js';
import { gather } from './gather.js';
import { type Ladder, ladderOf } from './ladder.js';
import { type WhatNext, whatNext } from './next.js';

export interface Inspected {
  readonly deployment: string;
  readonly facts: MessageFacts;
  readonly ladder: Ladder | null;
  readonly next: WhatNext;
}

/** Reads only, unless `peek`. Errors: `usage`, `not-found`, `ambiguous`, the stores'. */
export async function inspectMessage(
  operation: Operation,
  wanted: string,
  { peek }: { readonly peek: boolean },
): Promise<Inspected> {
  const facts = await gather(operation, await findMessage(operation, wanted, peek));
  const ladder = ladderOf(facts);
  const time = (ms: number) => new Date(ms).toTimeString().slice(0, 8);
  return { deployment: operation.name, facts, ladder, next: whatNext(facts, ladder, time) };
}
