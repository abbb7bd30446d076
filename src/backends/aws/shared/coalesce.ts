/**
 * Gathers operations that are outstanding together into one request. What comes in the same turn of
 * the event loop goes together; while a request is under way the next batch gathers. So a lone
 * operation never waits, and the busier it is, the fuller the batches.
 */
export interface CoalescerOptions<Item, Result> {
  /** Carries out one batch; an outcome for each item, in their order. A rejection fails them all. */
  readonly run: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  readonly maxItems: number;
  /** Bound of the sum of `bytesOf` over a batch. An item larger than that goes alone. */
  readonly maxBytes?: number;
  readonly bytesOf?: (item: Item) => number;
  /** Requests under way at most. Default 8. */
  readonly concurrency?: number;
  /** A batch that is not full goes only while fewer than this are under way. Default 1. */
  readonly partial?: number;
  /** How long a batch that is not full may wait for more, ms; asked anew at each item. Default 0. */
  readonly lingerMs?: () => number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class Coalescer<Item, Result> {
  readonly #options: CoalescerOptions<Item, Result>;
  readonly #queue: Waiting<Item, Result>[] = [];
  #bytes = 0;
  #running = 0;
  #isPlanned = false;
  /** When the oldest of those that gather came. */
  #since = 0;
  #isClosing = false;
  #timer: NodeJS.Timeout | null = null;
  #idle: (() => void)[] = [];

  constructor(options: CoalescerOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves or rejects with the outcome of this item alone. */
  add(item: Item): Promise<Result> {
    const bytes = this.#options.bytesOf?.(item) ?? 0;
    return new Promise((resolve, reject) => {
      if (this.#queue.length === 0) this.#since = performance.now();
      this.#queue.push({ item, bytes, resolve, reject });
      this.#bytes += bytes;
      this.look();
    });
  }

  /** Items that wait for their request, and requests under way. */
  get outstanding(): number {
    return this.#queue.length + this.#running;
  }

  /** Looks, at the end of this turn, whether a batch can go: when `lingerMs` may answer otherwise. */
  look(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#pump();
    });
  }

  /** Resolves once nothing is outstanding; what waits goes without lingering. */
  async settle(): Promise<void> {
    this.#isClosing = true;
    while (this.outstanding > 0) {
      this.look();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  #pump(): void {
    const { concurrency = 8, partial = 1 } = this.#options;
    while (this.#queue.length > 0) {
      const full = this.#isFull();
      if (this.#running >= (full ? concurrency : partial)) return;
      if (!full && this.#lingers()) return;
      void this.#start(this.#takeBatch());
    }
  }

  #isFull(): boolean {
    const { maxItems, maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    return this.#queue.length >= maxItems || this.#bytes >= maxBytes;
  }

  #lingers(): boolean {
    if (this.#isClosing || !this.#options.lingerMs) return false;
    const left = this.#since + this.#options.lingerMs() - performance.now();
    if (left <= 0) return false;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, left + 1);
    return true;
  }

  #takeBatch(): Waiting<Item, Result>[] {
    const { maxItems, maxBytes = Number.POSITIVE_INFINITY } = this.#options;
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      if (count >= maxItems || (count > 0 && bytes + waiting.bytes > maxBytes)) break;
      count++;
      bytes += waiting.bytes;
    }
    this.#bytes -= bytes;
    this.#since = performance.now();
    return this.#queue.splice(0, count);
  }

  async #start(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    this.#running++;
    try {
      const outcomes = await this.#options.run(batch.map(({ item }) => item));
      for (const [at, waiting] of batch.entries()) settleOne(waiting, outcomes[at]);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    } finally {
      this.#running--;
      this.#pump();
      for (const resolve of this.#idle.splice(0)) resolve();
    }
  }
}

function settleOne<Item, Result>(
  waiting: Waiting<Item, Result>,
  outcome: PromiseSettledResult<Result> | undefined,
): void {
  if (outcome?.status === 'fulfilled') waiting.resolve(outcome.value);
  else waiting.reject(outcome?.reason ?? new Error('a batch came back without this item'));
}
