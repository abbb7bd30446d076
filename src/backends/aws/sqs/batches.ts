/**
 * One coalescer for each queue and kind of call, over all callers of the process. Nobody waits for a
 * delete but the bookkeeping, so deletes gather while the endpoint has room for more messages.
 */
import { Coalescer } from '../shared/coalesce.js';
import type { Load } from '../shared/load.js';
import type { Calls, LeaseChange, Outgoing } from './calls.js';
import { batchBytes, batchItems } from './limits.js';
import type { Queue } from './queues.js';

/** How long calls gather when the process is saturated, and deletes when it is not, ms. */
const saturatedGatherMs = 100;
const deleteGatherMs = 100;

export class Batches {
  readonly #calls: Calls;
  readonly #load: Load;
  readonly #sends = new Map<string, Coalescer<Outgoing, void>>();
  readonly #deletes = new Map<string, Coalescer<string, void>>();
  readonly #changes = new Map<string, Coalescer<LeaseChange, boolean>>();
  /** Whether a receiver of this queue waits: its endpoint is not held up by a late delete. */
  hasRoom: (queue: Queue) => boolean = () => false;

  constructor(calls: Calls, load: Load) {
    this.#calls = calls;
    this.#load = load;
  }

  send(queue: Queue, item: Outgoing): Promise<void> {
    return entry(this.#sends, queue, () => ({
      run: (items: readonly Outgoing[]) => this.#load.timed(() => this.#calls.send(queue, items)),
      maxBytes: batchBytes,
      bytesOf: ({ bytes }: Outgoing) => bytes,
      lingerMs: () => this.#gatherMs(),
    })).add(item);
  }

  delete(queue: Queue, handle: string): Promise<void> {
    return entry(this.#deletes, queue, () => ({
      run: (handles: readonly string[]) => this.#calls.delete(queue, handles),
      lingerMs: () => (this.hasRoom(queue) ? deleteGatherMs : this.#gatherMs()),
    })).add(handle);
  }

  /** What `hasRoom` says of this queue may have changed. */
  lookAtDeletes(queue: Queue): void {
    this.#deletes.get(queue.url)?.look();
  }

  /** Whether the handle still held its copy. */
  changeLease(queue: Queue, change: LeaseChange): Promise<boolean> {
    return entry(this.#changes, queue, () => ({
      run: (changes: readonly LeaseChange[]) => this.#calls.changeLeases(queue, changes),
    })).add(change);
  }

  /** Resolves once nothing is outstanding. */
  async settle(): Promise<void> {
    const all = [this.#sends, this.#deletes, this.#changes].flatMap((map) => [...map.values()]);
    await Promise.all(all.map((coalescer) => coalescer.settle()));
  }

  #gatherMs(): number {
    return this.#load.isSaturated() ? saturatedGatherMs : 0;
  }
}

type Settings<Item, Result> = Omit<
  ConstructorParameters<typeof Coalescer<Item, Result>>[0],
  'maxItems'
>;

function entry<Item, Result>(
  map: Map<string, Coalescer<Item, Result>>,
  queue: Queue,
  settings: () => Settings<Item, Result>,
): Coalescer<Item, Result> {
  const known = map.get(queue.url);
  if (known) return known;
  const made = new Coalescer<Item, Result>({ maxItems: batchItems, ...settings() });
  map.set(queue.url, made);
  return made;
}
