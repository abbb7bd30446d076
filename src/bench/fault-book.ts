/** Keeps the record of every strike: ordered, hit, recovered. */
import type { Struck } from './processes/messages.js';
import type { FaultRecord } from './result.js';

interface Open {
  record: FaultRecord;
  readonly hitAt: number;
}

export class FaultBook {
  readonly #startAt: () => number;
  readonly #open = new Map<number, Open>();

  constructor(startAt: () => number) {
    this.#startAt = startAt;
  }

  struck({ id, kind, at, endpoint, step, messageId }: Struck): FaultRecord {
    const record: FaultRecord = {
      kind,
      atMs: at - this.#startAt(),
      endpoint,
      step,
      messageId,
      recoveredMs: null,
      counts: kind !== 'stall',
    };
    this.#open.set(id, { record, hitAt: at });
    return record;
  }

  /** The endpoint handled a message again at this time. */
  recovered(id: number, at: number): void {
    const open = this.#open.get(id);
    if (!open || open.record.recoveredMs !== null) return;
    open.record = { ...open.record, recoveredMs: Math.max(0, at - open.hitAt) };
  }

  resumed(id: number, counts: boolean): void {
    const open = this.#open.get(id);
    if (open) open.record = { ...open.record, counts };
  }

  records(): readonly FaultRecord[] {
    return [...this.#open.values()].map(({ record }) => record);
  }
}
