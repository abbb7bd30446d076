/**
 * The life of opened stores: what is under way is finished before they close, what comes later is
 * refused. A step of an operation that has begun is never refused: half done, it would leave work to
 * others.
 */
import { OncectlError } from '../../../engine/errors.js';

export class Life {
  readonly #outstanding = new Set<Promise<unknown>>();
  #closed = false;

  /** Runs an operation of a port. Rejects (`aborted`, not done) once closing began. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new OncectlError('aborted', 'the S3 stores are closed');
    return this.#kept(operation());
  }

  /** Work that nobody waits for, and that may fail: somebody else does it later. */
  behind(work: Promise<unknown>): void {
    this.#kept(work).catch(() => {});
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves once nothing is under way, also not behind what was. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#outstanding.size > 0) await Promise.allSettled(this.#outstanding);
  }

  #kept<T>(work: Promise<T>): Promise<T> {
    const kept = work.finally(() => this.#outstanding.delete(kept));
    this.#outstanding.add(kept);
    return kept;
  }
}
