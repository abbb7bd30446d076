/**
 * Counts capacity units, which is what DynamoDB bills. A failed condition is billed and not reported:
 * one write unit for each started KiB of the item that was there, one when there was none, twice that
 * in a transaction.
 */
import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { type Item, sizeOf } from './item.js';

export interface CapacityUnits {
  /** Read and write units that the service reported. */
  readonly read: number;
  readonly write: number;
  /** Write units of failed conditions, by our own reckoning. */
  readonly failed: number;
}

export class Capacity {
  #read = 0;
  #write = 0;
  #failed = 0;

  get units(): CapacityUnits {
    return { read: this.#read, write: this.#write, failed: this.#failed };
  }

  add(kind: 'read' | 'write', consumed: ConsumedCapacity | readonly ConsumedCapacity[]): void {
    for (const { CapacityUnits = 0 } of Array.isArray(consumed) ? consumed : [consumed]) {
      if (kind === 'read') this.#read += CapacityUnits;
      else this.#write += CapacityUnits;
    }
  }

  addFailed(present: Item | null, times: 1 | 2): void {
    this.#failed += times * Math.max(1, Math.ceil((present ? sizeOf(present) : 0) / 1024));
  }
}
