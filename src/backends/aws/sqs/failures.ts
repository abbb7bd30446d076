/**
 * What a copy carries along of the deliveries before it: SQS can attach nothing to a message that is
 * queued, so that a failure travels with a copy that is sent in its place. Bounded: the newest failure
 * stays whole; older ones lose their stacks, then most of their text; only then the oldest go. Their
 * number decides when a message is given up, so it is kept as long as it can be.
 */
import type { Failure } from '../../../engine/message.js';
import { jsonOf } from './json.js';
import { pastBytes } from './limits.js';

export interface Past {
  /** Receives of the copies before this one. */
  readonly receives: number;
  readonly failures: readonly Failure[];
  /** For a dead letter: when it died, ms since the epoch. */
  readonly deadAt?: number;
}

export const noPast: Past = { receives: 0, failures: [] };

/** Longest JSON of a past: what is kept free for it, less name and type of its attribute. */
const longest = pastBytes - 100;

const shortText = 80;

type Step = (failure: Failure, isNewest: boolean) => Failure;

const steps: readonly Step[] = [
  (failure) => failure,
  (failure, isNewest) => (isNewest ? failure : withoutStack(failure)),
  (failure, isNewest) => (isNewest ? failure : cut(withoutStack(failure), shortText)),
  (failure, isNewest) => cut(withoutStack(failure), isNewest ? 1000 : shortText),
];

export function pastText(past: Past): string {
  for (const step of steps) {
    const text = textOf(past, step, past.failures);
    if (text.length <= longest) return text;
  }
  const hardest = steps.at(-1) ?? ((failure) => failure);
  for (let kept = past.failures.length; kept > 1; kept--) {
    const text = textOf(past, hardest, past.failures.slice(-kept));
    if (text.length <= longest) return text;
  }
  return jsonOf({ ...past, failures: past.failures.slice(-1).map((one) => cut(one, shortText)) });
}

function textOf(past: Past, step: Step, failures: readonly Failure[]): string {
  const shortened = failures.map((failure, at) => step(failure, at === failures.length - 1));
  return jsonOf({ ...past, failures: shortened });
}

function withoutStack({ stack: _, ...failure }: Failure): Failure {
  return failure;
}

function cut(failure: Failure, length: number): Failure {
  const { error, worker } = failure;
  const shorter = error.length > length ? `${error.slice(0, length)}…` : error;
  return { ...withoutStack(failure), worker: worker.slice(0, length), error: shorter };
}
