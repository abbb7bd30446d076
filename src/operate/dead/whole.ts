/**
 * Dead letters with their bodies, for the items of a plan: one search for each of a few, one pass over
 * the dead letters for many. What a pass meets before it is asked for is kept until then.
 */
import type { DeadLetter } from '../../engine/ports.js';
import type { OperatedEndpoint } from '../operation.js';
import type { Plan, PlanItem } from '../plan/plan.js';
import { eachLetter, lettersOf } from './letters.js';

const few = 20;
const passes = new WeakMap<Plan, Map<string, Pass>>();

/** The item's letter; null when it is not among the dead letters any more. */
export async function wholeLetter(
  endpoint: OperatedEndpoint,
  item: PlanItem,
  plan: Plan,
): Promise<DeadLetter | null> {
  const receipt = receiptOf(item);
  if (plan.items.length <= few) {
    const letters = await lettersOf(endpoint, item.id);
    return letters.find((letter) => letter.receipt === receipt) ?? null;
  }
  const ofPlan = passes.get(plan) ?? new Map<string, Pass>();
  passes.set(plan, ofPlan);
  const pass = ofPlan.get(endpoint.name) ?? new Pass(endpoint, plan);
  ofPlan.set(endpoint.name, pass);
  return pass.take(receipt);
}

/** Names the death that the item is about. */
export function receiptOf({ observed }: PlanItem): string {
  return String(observed['receipt'] ?? '');
}

class Pass {
  readonly #letters: AsyncIterator<DeadLetter>;
  readonly #wanted: ReadonlySet<string>;
  readonly #met = new Map<string, DeadLetter>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(endpoint: OperatedEndpoint, { items }: Plan) {
    this.#letters = eachLetter(endpoint)[Symbol.asyncIterator]();
    const mine = items.filter((item) => item.endpoint === endpoint.name);
    this.#wanted = new Set(mine.map(receiptOf));
  }

  /** One after another: all go on from where the last one stopped. */
  take(receipt: string): Promise<DeadLetter | null> {
    const taken = this.#turn.then(() => this.#find(receipt));
    this.#turn = taken.catch(() => {});
    return taken;
  }

  async #find(receipt: string): Promise<DeadLetter | null> {
    const met = this.#met.get(receipt);
    if (met) {
      this.#met.delete(receipt);
      return met;
    }
    for (;;) {
      const { value, done } = await this.#letters.next();
      if (done) return null;
      if (value.receipt === receipt) return value;
      if (this.#wanted.has(value.receipt)) this.#met.set(value.receipt, value);
    }
  }
}
