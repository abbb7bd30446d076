/** The reference broker: copies in a list, leases by the clock, waiters woken by a timer. */
import type { Delivery, Failure, Message } from '../../src/engine/message.js';
import type {
  Broker,
  DeadLetter,
  Lease,
  QueueDepth,
  ReceiveOptions,
  ReleaseOptions,
  SendOptions,
} from '../../src/engine/ports.js';
import { checkMessage, clone, type OpenState } from './memory-checks.js';

/** One physical copy. `lease` names the receipt that holds it; 0 = nobody ever did. */
export interface Copy {
  readonly key: number;
  readonly message: Message;
  visibleAt: number;
  /** Since when it waits, however often it was received meanwhile. */
  readonly since: number;
  leased: boolean;
  holder: string | null;
  lease: number;
  receives: number;
  failures: Failure[];
  deadAt: number | null;
}

/** What all clients of one broker share. */
export class BrokerWorld {
  /** By key: a key that came again would overwrite a copy. */
  readonly copies = new Map<number, Copy>();
  readonly waiters = new Set<() => void>();
  private lastKey = 0;

  nextKey(): number {
    this.lastKey += 1;
    return this.lastKey;
  }

  of(endpoint: string, dead: boolean): Copy[] {
    return [...this.copies.values()].filter(
      (copy) => copy.message.endpoint === endpoint && (copy.deadAt !== null) === dead,
    );
  }

  wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }
}

export class MemoryBroker implements Broker {
  constructor(
    protected readonly world: BrokerWorld,
    protected readonly state: OpenState,
  ) {}

  async send(messages: readonly Message[], { delay = 0 }: SendOptions = {}): Promise<void> {
    this.state.check();
    messages.forEach(checkMessage);
    for (const message of messages) this.add(message, delay);
    this.world.wake();
  }

  protected add(message: Message, delay: number): void {
    const key = this.world.nextKey();
    const visibleAt = Date.now() + delay;
    this.world.copies.set(key, {
      ...{ key, message: clone(message), visibleAt, since: visibleAt },
      ...{ leased: false, holder: null, lease: 0, receives: 0, failures: [], deadAt: null },
    });
  }

  async receive(endpoint: string, max: number, options: ReceiveOptions): Promise<Delivery[]> {
    this.state.check();
    const deadline = Date.now() + options.wait;
    for (;;) {
      if (options.signal?.aborted || this.state.closed) return [];
      const found = this.visible(endpoint).slice(0, max);
      for (const copy of found) copy.holder = options.worker;
      if (found.length > 0) return found.map((copy) => this.lease(copy, options.visibility));
      if (Date.now() >= deadline) return [];
      await this.change(endpoint, deadline, options.signal);
    }
  }

  protected visible(endpoint: string): Copy[] {
    return this.world.of(endpoint, false).filter((copy) => copy.visibleAt <= Date.now());
  }

  protected lease(copy: Copy, visibility: number): Delivery {
    copy.lease += 1;
    copy.receives += 1;
    copy.leased = true;
    copy.visibleAt = Date.now() + visibility;
    return {
      message: clone(copy.message),
      receipt: `${copy.key}:${copy.lease}`,
      receives: copy.receives,
      leaseEnd: copy.visibleAt,
      failures: clone(copy.failures),
    };
  }

  /** Until something is sent, becomes visible, is aborted or closed, or the deadline is there. */
  private change(endpoint: string, deadline: number, signal?: AbortSignal): Promise<void> {
    const times = this.world.of(endpoint, false).map((copy) => copy.visibleAt);
    const next = Math.min(deadline, ...times);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.world.waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, next - Date.now()));
      this.world.waiters.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  /** The live copy that this receipt holds. */
  protected held(endpoint: string, receipt: string): Copy | undefined {
    return this.world
      .of(endpoint, false)
      .find((copy) => `${copy.key}:${copy.lease}` === receipt && copy.leased);
  }

  async ack(endpoint: string, receipt: string): Promise<void> {
    this.state.check();
    const copy = this.held(endpoint, receipt);
    if (copy !== undefined) this.world.copies.delete(copy.key);
  }

  async release(endpoint: string, receipt: string, options: ReleaseOptions): Promise<void> {
    this.state.check();
    const copy = this.held(endpoint, receipt);
    if (copy === undefined) return;
    copy.leased = false;
    copy.holder = null;
    copy.visibleAt = Date.now() + options.delay;
    if (options.failure !== undefined) this.keepFailure(copy, options.failure);
    this.world.wake();
  }

  protected keepFailure(copy: Copy, failure: Failure): void {
    copy.failures.push(clone(failure));
  }

  async extend(endpoint: string, receipt: string, visibility: number): Promise<Lease | null> {
    this.state.check();
    const copy = this.held(endpoint, receipt);
    if (copy === undefined) return null;
    copy.visibleAt = Date.now() + visibility;
    this.world.wake();
    return { receipt, leaseEnd: copy.visibleAt };
  }

  async deadLetter(endpoint: string, receipt: string, reason: Failure): Promise<void> {
    this.state.check();
    const copy = this.held(endpoint, receipt);
    if (copy === undefined) return;
    this.keepFailure(copy, reason);
    copy.deadAt = Date.now();
  }

  async depth(endpoint: string): Promise<QueueDepth> {
    this.state.check();
    const now = Date.now();
    const waiting = this.world.of(endpoint, false).filter((copy) => copy.visibleAt > now);
    const inFlight = waiting.filter((copy) => copy.leased).length;
    return {
      visible: this.world.of(endpoint, false).length - waiting.length,
      inFlight,
      delayed: waiting.length - inFlight,
      dead: this.world.of(endpoint, true).length,
    };
  }

  async listDead(endpoint: string, after: string | null, limit: number): Promise<DeadLetter[]> {
    this.state.check();
    const from = Number(after ?? 0);
    const found = this.world.of(endpoint, true).filter((copy) => copy.key > from);
    return found
      .sort((left, right) => left.key - right.key)
      .slice(0, limit)
      .map(({ key, message, receives, failures, deadAt }) =>
        clone({ message, receipt: String(key), receives, deadAt: deadAt ?? 0, failures }),
      );
  }

  async redrive(endpoint: string, receipt: string): Promise<boolean> {
    this.state.check();
    const copy = this.world.of(endpoint, true).find((dead) => String(dead.key) === receipt);
    if (copy === undefined) return false;
    this.world.copies.delete(copy.key);
    this.add(copy.message, 0);
    this.world.wake();
    return true;
  }
}
