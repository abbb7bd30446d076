/** Deletes that are outstanding together go in one request of up to 1,000 names. */
import { Coalescer } from '../shared/coalesce.js';
import { type Bucket, mostDeletes } from './bucket.js';

export class Deletes {
  readonly #coalescer: Coalescer<string, void>;

  constructor(bucket: Bucket) {
    this.#coalescer = new Coalescer({
      run: (names) => bucket.delete(names),
      maxItems: mostDeletes,
      // A token is consumed before its message is acknowledged: somebody waits for each of these.
      partial: 4,
    });
  }

  /** Resolves once the object is gone; what was not there is no error. */
  add(name: string): Promise<void> {
    return this.#coalescer.add(name);
  }
}
