/**
 * Faults inside a worker (design, section 11). Those of single messages are drawn from the message's
 * id, so that a seed gives the same victims; those of the worker are ordered by the bench and strike
 * at the next message that passes the named boundary.
 */
import { hash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import type { EffectKind } from '../../engine/effects.js';
import { OncectlError } from '../../engine/errors.js';
import type { Delivery, Message } from '../../engine/message.js';
import type { Broker } from '../../engine/ports.js';
import type { Runtime } from '../../engine/runtime/runtime.js';
import type { FaultProfile } from '../../profile/types.js';
import { tell } from './child.js';
import type { Strike } from './messages.js';

export interface FaultSurroundings {
  readonly faults: readonly FaultProfile[];
  readonly brokerOf: (endpoint: string) => Broker;
  readonly runtime: () => Runtime;
  /** Endpoints where a duplicate has to be the same row: those of the local transaction. */
  readonly isIsland: (endpoint: string) => boolean;
  /** File for strikes that end the process before its channel is emptied. */
  readonly strikeFile: string;
  readonly onDuplicate: (message: Message) => void;
}

export class WorkerFaults {
  readonly #around: FaultSurroundings;
  readonly #strikeFile: number;
  #armed: Strike[] = [];
  readonly #cut = new Map<string, number>();
  #frozen = 0;
  /** Faults of single messages so far. */
  readonly injected = { duplicate: 0, delay: 0, 'drop-ack': 0 };

  constructor(around: FaultSurroundings) {
    this.#around = around;
    this.#strikeFile = openSync(around.strikeFile, 'a');
  }

  get frozen(): boolean {
    return this.#frozen > 0;
  }

  arm(strike: Strike): void {
    if (strike.kind !== 'partition') {
      this.#armed.push(strike);
      return;
    }
    this.#cut.set(strike.store ?? 'broker', Date.now() + strike.forMs);
    this.#announce(strike, null, null);
  }

  /** The worker's ports with partitions in front of them: unreachable, or reached without an answer. */
  isCut(store: string): boolean {
    const until = this.#cut.get(store);
    if (until === undefined) return false;
    if (Date.now() < until) return true;
    this.#cut.delete(store);
    return false;
  }

  /** Before a delivery is taken to work. */
  received(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const { message, receives } = delivery;
      if (receives > 1 || message.headers.injected) continue;
      if (!this.#drawn('duplicate', message)) continue;
      this.injected.duplicate++;
      this.#around.onDuplicate(message);
      const headers = { ...message.headers, injected: true } as const;
      this.#deliverAgain({ ...delivery, message: { ...message, headers } });
    }
  }

  /** Marked as injected: a copy that is copied in its turn never comes to an end. */
  #deliverAgain(copy: Delivery): void {
    if (this.#around.isIsland(copy.message.endpoint))
      queueMicrotask(() => this.#around.runtime().deliverAgain(copy));
    else {
      const broker = this.#around.brokerOf(copy.message.endpoint);
      broker.send([copy.message]).catch(() => {});
    }
  }

  /** Late delivery: the copy goes back for a while, once. */
  diverts(delivery: Delivery): boolean {
    const { message, receipt } = delivery;
    const fault = this.#drawn('delay', message);
    if (!fault || delivery.receives > 1 || message.headers.injected) return false;
    this.injected.delay++;
    const broker = this.#around.brokerOf(message.endpoint);
    broker.release(message.endpoint, receipt, { delay: fault.forMs }).catch(() => {});
    return true;
  }

  dropsAck({ message, receives }: Delivery): boolean {
    if (receives > 1 || message.headers.injected || !this.#drawn('drop-ack', message)) return false;
    this.injected['drop-ack']++;
    return true;
  }

  boundary(delivery: Delivery, step: EffectKind): Promise<void> | undefined {
    if (this.#armed.length === 0) return undefined;
    const at = this.#armed.findIndex(
      ({ step: wanted, endpoint }) =>
        (wanted === null || wanted === `after ${step}`) &&
        (endpoint === null || endpoint === delivery.message.endpoint),
    );
    const strike = this.#armed[at];
    if (!strike) return undefined;
    this.#armed.splice(at, 1);
    this.#announce(strike, delivery, step);
    if (strike.kind === 'stall') return this.#stall(strike, delivery);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  }

  /** The whole worker stands still, then goes on: the zombie. It counts if somebody took over. */
  async #stall(strike: Strike, delivery: Delivery): Promise<void> {
    const thaw = this.#around.runtime().freeze();
    this.#frozen++;
    await new Promise((resolve) => setTimeout(resolve, strike.forMs));
    const counts = !(await this.#around.runtime().stillLeased(delivery));
    this.#frozen--;
    tell({ type: 'resumed', id: strike.id, counts });
    thaw();
  }

  #announce(strike: Strike, delivery: Delivery | null, step: EffectKind | null): void {
    const struck = {
      id: strike.id,
      kind: strike.kind,
      at: Date.now(),
      endpoint: delivery?.message.endpoint ?? null,
      step: step === null ? null : `after ${step}`,
      messageId: delivery?.message.id ?? null,
    };
    writeSync(this.#strikeFile, `${JSON.stringify(struck)}\n`);
    tell({ type: 'struck', struck });
  }

  #drawn(kind: FaultProfile['kind'], message: Message): FaultProfile | null {
    for (const fault of this.#around.faults) {
      if (fault.kind !== kind) continue;
      if (fault.endpoint !== null && fault.endpoint !== message.endpoint) continue;
      if (placeOf(kind, message) < fault.share) return fault;
    }
    return null;
  }
}

/** Where a message falls between 0 and 1, for this kind of fault: the same in every worker. */
function placeOf(kind: string, message: Message): number {
  const digest = hash('sha1', `${kind}/${message.endpoint}/${message.id}`, 'hex');
  return Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32;
}

/**
 * A store behind a partition: half of the calls never get there, of the other half the answer is
 * lost, so that both answers to "did it happen?" occur.
 */
export function cutOff<T extends object>(store: T, name: string, isCut: () => boolean): T {
  return new Proxy(store, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      const call = member.bind(target) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        if (!isCut()) return call(...given);
        return unanswered(name, Math.random() < 0.5 ? null : () => call(...given));
      };
    },
  });
}

async function unanswered(name: string, call: (() => unknown) | null): Promise<never> {
  if (call) await Promise.resolve(call()).catch(() => {});
  throw new OncectlError('unreachable', `the ${name} store does not answer (injected partition)`, {
    about: name,
    happened: call ? 'unknown' : 'no',
  });
}
