/** Counts what was found and keeps the first violations, in bounded memory. */
import type { Violation } from './evidence-files.js';
import { ownCopy } from './read-lines.js';

export type Finding = Omit<Violation, 'history'>;
type Invariant = Violation['invariant'];

/** How many violations a verdict names. */
const namedAtMost = 20;

const invariants: readonly Invariant[] = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6'];

/** Message ids are sortable by time, so the smallest ids are the first messages. */
function byTime(one: Finding, other: Finding): number {
  if (one.messageId !== other.messageId) return one.messageId < other.messageId ? -1 : 1;
  return one.endpoint < other.endpoint ? -1 : one.endpoint > other.endpoint ? 1 : 0;
}

export class Findings {
  readonly #counts = new Map<Invariant, number>();
  readonly #first = new Map<Invariant, Finding[]>();

  /** `amount` is more than 1 where one sentence speaks of several things left behind. */
  add(invariant: Invariant, endpoint: string, messageId: string, what: string, amount = 1): void {
    this.#counts.set(invariant, this.count(invariant) + amount);
    const kept = this.#first.get(invariant) ?? [];
    const finding = { invariant, endpoint, messageId, what };
    const last = kept[namedAtMost - 1];
    if (last !== undefined && byTime(last, finding) <= 0) return;
    kept.push(ownedBy(finding));
    kept.sort(byTime);
    this.#first.set(invariant, kept.slice(0, namedAtMost));
  }

  count(invariant: Invariant): number {
    return this.#counts.get(invariant) ?? 0;
  }

  /** At most `namedAtMost`, every violated invariant among them, in order of invariant and time. */
  first(): Finding[] {
    const chosen: Finding[] = [];
    for (let rank = 0; rank < namedAtMost; rank += 1) {
      for (const invariant of invariants) {
        const finding = this.#first.get(invariant)?.[rank];
        if (finding !== undefined && chosen.length < namedAtMost) chosen.push(finding);
      }
    }
    const order = (one: Finding) => invariants.indexOf(one.invariant);
    return chosen.sort((one, other) => order(one) - order(other) || byTime(one, other));
  }
}

function ownedBy({ invariant, endpoint, messageId, what }: Finding): Finding {
  return {
    invariant,
    endpoint: ownCopy(endpoint),
    messageId: ownCopy(messageId),
    what: ownCopy(what),
  };
}
