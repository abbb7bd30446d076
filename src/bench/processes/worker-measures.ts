/** What a worker measures of the messages it handles; every latency as load-facts defines it. */
import type { Delivery } from '../../engine/message.js';
import type { CommitTimes } from '../../engine/runtime/runtime.js';
import { StageRecorders } from '../../load/recorder.js';
import type { WorkerReport } from './messages.js';

type Counts = Pick<
  WorkerReport,
  'handled' | 'chains' | 'handledByEndpoint' | 'conflicts' | 'failures' | 'redelivered'
>;

export class WorkerMeasures {
  readonly recorders = new StageRecorders();
  readonly #stageAt: (atUs: number) => number;
  readonly #isLast: ReadonlySet<string>;
  readonly #byEndpoint: Record<string, number> = {};
  #startAt = 0;
  #handled = 0;
  #chains = 0;
  conflicts = 0;
  failures = 0;
  redelivered = 0;

  constructor(stageAt: (atUs: number) => number, lastEndpoints: ReadonlySet<string>) {
    this.#stageAt = stageAt;
    this.#isLast = lastEndpoints;
  }

  /** The load begins at this time, ms since the epoch. */
  begin(startAt: number): void {
    this.#startAt = startAt;
  }

  /** A redelivered message counts once, here, at its commit. */
  committed({ message }: Delivery, { receivedAt, committedAt }: CommitTimes): void {
    const { endpoint, headers } = message;
    this.#handled++;
    this.#byEndpoint[endpoint] = (this.#byEndpoint[endpoint] ?? 0) + 1;
    const intendedAt = headers.intendedAt ?? headers.sentAt ?? receivedAt;
    const sentAt = headers.sentAt ?? receivedAt;
    const stage = this.#stageAt((intendedAt - this.#startAt) * 1000);
    const record = (name: string, ms: number, of?: string) =>
      this.recorders.record(stage, name, ms * 1000, of);
    record('queueWait', receivedAt - sentAt);
    record('processing', committedAt - receivedAt);
    record('hop', committedAt - sentAt, endpoint);
    if (!this.#isLast.has(endpoint)) return;
    this.#chains++;
    record('chain', committedAt - intendedAt);
  }

  received(deliveries: readonly Delivery[]): void {
    for (const { receives } of deliveries) if (receives > 1) this.redelivered++;
  }

  counts(): Counts {
    return {
      handled: this.#handled,
      chains: this.#chains,
      handledByEndpoint: { ...this.#byEndpoint },
      conflicts: this.conflicts,
      failures: this.failures,
      redelivered: this.redelivered,
    };
  }
}

/** Endpoints that send to a sink or to nobody: a chain ends there. */
export function lastEndpoints(
  endpoints: readonly { readonly name: string; readonly sendsTo: readonly string[] }[],
  sink: string,
): ReadonlySet<string> {
  const last = endpoints.filter(({ sendsTo }) => sendsTo.every((to) => to === sink));
  return new Set(last.map(({ name }) => name));
}
