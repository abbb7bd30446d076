/** Brokers that break one rule each. */
import type { Delivery, Failure, Message } from '../../src/engine/message.js';
import type { Lease, ReleaseOptions } from '../../src/engine/ports.js';
import { type Copy, MemoryBroker } from './memory-broker.js';
import { clone } from './memory-checks.js';

export class AckByMessageId extends MemoryBroker {
  override async ack(endpoint: string, receipt: string): Promise<void> {
    const named = this.world.copies.get(Number(receipt.split(':')[0]));
    for (const copy of this.world.of(endpoint, false)) {
      if (copy.message.id === named?.message.id) this.world.copies.delete(copy.key);
    }
  }
}

export class StaleExtendSucceeds extends MemoryBroker {
  override async extend(_: string, receipt: string, visibility: number): Promise<Lease | null> {
    return { receipt, leaseEnd: Date.now() + visibility };
  }
}

export class ExtendDoesNothing extends MemoryBroker {
  override async extend(endpoint: string, receipt: string, visibility: number) {
    if (this.held(endpoint, receipt) === undefined) return null;
    return { receipt, leaseEnd: Date.now() + visibility };
  }
}

/** Takes the copy out of the queue on receive, as a broker without leases does. */
export class NeverRedelivers extends MemoryBroker {
  protected override lease(copy: Copy, visibility: number): Delivery {
    const delivery = super.lease(copy, visibility);
    this.world.copies.delete(copy.key);
    return delivery;
  }
}

export class LeaseNeverEnds extends MemoryBroker {
  protected override lease(copy: Copy, visibility: number): Delivery {
    const delivery = super.lease(copy, visibility);
    copy.visibleAt = Number.MAX_SAFE_INTEGER;
    return delivery;
  }
}

export class NoLease extends MemoryBroker {
  protected override lease(copy: Copy, visibility: number): Delivery {
    const delivery = super.lease(copy, visibility);
    copy.visibleAt = 0;
    return delivery;
  }
}

export class OneReceiptForever extends MemoryBroker {
  protected override lease(copy: Copy, visibility: number): Delivery {
    copy.lease = 0;
    return super.lease(copy, visibility);
  }
}

export class FailuresDropped extends MemoryBroker {
  protected override keepFailure(): void {}
}

export class ReceivesNotCounted extends MemoryBroker {
  protected override lease(copy: Copy, visibility: number): Delivery {
    return { ...super.lease(copy, visibility), receives: 1 };
  }
}

export class ReleaseIgnoresDelay extends MemoryBroker {
  override release(endpoint: string, receipt: string, options: ReleaseOptions): Promise<void> {
    return super.release(endpoint, receipt, { ...options, delay: 0 });
  }
}

export class SendIgnoresDelay extends MemoryBroker {
  protected override add(message: Message): void {
    super.add(message, 0);
  }
}

/** Every client counts its own keys from one. */
export class KeysRestart extends MemoryBroker {
  private key = 0;

  protected override add(message: Message, delay: number): void {
    this.key += 1;
    const { key } = this;
    const fresh = {
      leased: false,
      holder: null,
      lease: 0,
      receives: 0,
      failures: [],
      deadAt: null,
    };
    const at = Date.now() + delay;
    const times = { since: at, visibleAt: at };
    this.world.copies.set(key, { key, message: clone(message), ...times, ...fresh });
  }
}

export class DropsSameId extends MemoryBroker {
  protected override add(message: Message, delay: number): void {
    const copies = [...this.world.copies.values()];
    if (!copies.some((copy) => copy.message.id === message.id)) super.add(message, delay);
  }
}

export class DeadLettersVanish extends MemoryBroker {
  override async deadLetter(endpoint: string, receipt: string, _: Failure): Promise<void> {
    await this.ack(endpoint, receipt);
  }
}

export class RedriveTwice extends MemoryBroker {
  override async redrive(endpoint: string, receipt: string): Promise<boolean> {
    const [copy] = this.world.of(endpoint, true).filter((dead) => String(dead.key) === receipt);
    await new Promise((resolve) => setImmediate(resolve));
    if (copy === undefined) return false;
    this.world.copies.delete(copy.key);
    this.add(copy.message, 0);
    return true;
  }
}

export class AbortLosesMessage extends MemoryBroker {
  override async receive(...receiving: Parameters<MemoryBroker['receive']>) {
    const [endpoint, max, { signal, ...options }] = receiving;
    const ended = new Promise<Delivery[]>((resolve) => {
      signal?.addEventListener('abort', () => resolve([]));
      if (signal?.aborted) resolve([]);
    });
    const received = super.receive(endpoint, max, options);
    return signal === undefined ? received : Promise.race([ended, received]);
  }
}
