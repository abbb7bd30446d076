/**
 * How far a plan was applied, kept in the deployment under the plan's id, so that anybody, from any
 * machine, can go on: a cell for the plan, a cell for each item.
 */
import type { Cells } from '../../engine/control/cells.js';
import { type Actor, actorText } from '../actor.js';
import type { ItemOutcome } from './executor.js';
import type { Plan, PlanItem } from './plan.js';

export interface ItemProgress {
  readonly state: 'intent' | 'result';
  readonly endpoint: string;
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly outcome: ItemOutcome | null;
}

export interface PlanProgress {
  readonly action: string;
  readonly items: number;
  readonly startedBy: string;
  readonly startedAt: number;
  /** null: not finished. */
  readonly finishedBy: string | null;
  readonly finishedAt: number | null;
}

const readAtOnce = 64;

/** Ids of the items that came to their end by this plan, whoever applied it. */
export async function itemsDone(cells: Cells, planId: string): Promise<readonly string[]> {
  const { value } = await cells.read<PlanProgress>(nameOf(planId));
  const done: string[] = [];
  for (let from = 0; from < (value?.items ?? 0); from += readAtOnce) {
    const to = Math.min(from + readAtOnce, value?.items ?? 0);
    const indexes = Array.from({ length: to - from }, (_, at) => from + at);
    const read = indexes.map((index) => cells.read<ItemProgress>(nameOf(planId, index)));
    for (const { value: item } of await Promise.all(read)) {
      if (item?.outcome?.outcome === 'done') done.push(item.id);
    }
  }
  return done;
}

function nameOf(planId: string, index?: number): string {
  const name = `plan/${planId}`;
  return index === undefined ? name : `${name}/${index}`;
}

export class Progress {
  readonly #cells: Cells;
  readonly #plan: Plan;
  readonly #by: string;

  constructor(cells: Cells, plan: Plan, actor: Actor) {
    this.#cells = cells;
    this.#plan = plan;
    this.#by = actorText(actor);
  }

  /** The plan as an earlier apply left it; null when nobody began. */
  async earlier(): Promise<PlanProgress | null> {
    return (await this.#cells.read<PlanProgress>(this.#name())).value;
  }

  async begin(): Promise<void> {
    const { action, items } = this.#plan;
    await this.#cells.update<PlanProgress>(this.#name(), (known) =>
      known
        ? undefined
        : {
            ...{ action, items: items.length, startedBy: this.#by, startedAt: Date.now() },
            ...{ finishedBy: null, finishedAt: null },
          },
    );
  }

  async finish(): Promise<void> {
    await this.#cells.update<PlanProgress>(this.#name(), (known) =>
      known ? { ...known, finishedBy: this.#by, finishedAt: Date.now() } : undefined,
    );
  }

  async item(index: number): Promise<ItemProgress | null> {
    return (await this.#cells.read<ItemProgress>(this.#name(index))).value;
  }

  async intend(index: number, item: PlanItem): Promise<void> {
    await this.#write(index, item, 'intent', null);
  }

  async record(index: number, item: PlanItem, outcome: ItemOutcome): Promise<void> {
    await this.#write(index, item, 'result', outcome);
  }

  async #write(
    index: number,
    { endpoint, id }: PlanItem,
    state: ItemProgress['state'],
    outcome: ItemOutcome | null,
  ): Promise<void> {
    const value: ItemProgress = {
      ...{ state, endpoint, id, outcome },
      ...{ at: Date.now(), by: this.#by },
    };
    await this.#cells.update<ItemProgress>(this.#name(index), (known) =>
      known?.state === 'result' ? undefined : value,
    );
  }

  #name(index?: number): string {
    return nameOf(this.#plan.planId, index);
  }
}
