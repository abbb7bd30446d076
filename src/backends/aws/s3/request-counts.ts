/**
 * What was asked of S3: every HTTP request, repeats included, by store, kind and outcome. Kinds are
 * those that S3 charges apart; the cost report multiplies them by prices.
 */
import type { StoreCounts } from '../../../engine/backend.js';

/** `audit` (evidence) and `upkeep` (an operator's looks) are kept out of the cost of messages. */
export type CountedStore = 'business' | 'dedupe' | 'payload' | 'audit' | 'maintenance' | 'upkeep';

export type RequestKind = 'GET' | 'HEAD' | 'PUT' | 'LIST' | 'DELETE' | 'bucket';

export interface RequestCount {
  readonly store: CountedStore;
  readonly kind: RequestKind;
  /** The HTTP status, or `lost` when no answer came. */
  readonly outcome: string;
  readonly requests: number;
}

const kinds: Readonly<Record<string, RequestKind>> = {
  GetObjectCommand: 'GET',
  HeadObjectCommand: 'HEAD',
  PutObjectCommand: 'PUT',
  ListObjectsV2Command: 'LIST',
  DeleteObjectCommand: 'DELETE',
  DeleteObjectsCommand: 'DELETE',
};

export class RequestCounts {
  readonly #requests = new Map<string, number>();
  readonly #operations = new Map<CountedStore, number>();

  request(store: CountedStore, command: string, outcome: string): void {
    const name = `${store} ${kinds[command] ?? 'bucket'} ${outcome}`;
    this.#requests.set(name, (this.#requests.get(name) ?? 0) + 1);
  }

  operation(store: CountedStore, operations = 1): void {
    this.#operations.set(store, (this.#operations.get(store) ?? 0) + operations);
  }

  /** Every combination that occurred. */
  list(): readonly RequestCount[] {
    return [...this.#requests].map(([name, requests]) => {
      const [store, kind, outcome = ''] = name.split(' ') as [CountedStore, RequestKind, string?];
      return { store, kind, outcome, requests };
    });
  }

  byStore(): Readonly<Record<string, StoreCounts>> {
    const counts: Record<string, StoreCounts> = {};
    for (const [store, operations] of this.#operations) counts[store] = { flushes: 0, operations };
    for (const { store, requests } of this.list()) {
      const { flushes = 0, operations = 0 } = counts[store] ?? {};
      counts[store] = { flushes: flushes + requests, operations };
    }
    return counts;
  }
}
