/**
 * The largest size of an environment. LMDB's binding enlarges its map by itself, so the bound is kept
 * here: growth beyond it ends the taking of new data, while what frees room still passes. Freed pages
 * are reused, which shows in a flush that does not grow the file: one a second is let through to see.
 */
import type { RootDatabase } from 'lmdb';
import { OncectlError } from '../../engine/errors.js';

interface Stats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
}

const tryAgainMs = 1000;
/** Asking takes 10 to 30 us: far from the bound, not after every flush. */
const flushesBetweenLooks = 8;
const near = 0.8;

export class MapSize {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #mostBytes: number;
  #pages = 0;
  #flushes = 0;
  #isNear = true;
  #fullUntil = 0;

  constructor(root: RootDatabase<Buffer, string>, mostBytes: number) {
    this.#root = root;
    this.#mostBytes = mostBytes;
    this.afterFlush();
  }

  isFull(): boolean {
    return this.#fullUntil > 0 && performance.now() < this.#fullUntil;
  }

  afterFlush(): void {
    if (!this.#isNear && ++this.#flushes % flushesBetweenLooks !== 0) return;
    const { pageSize, lastPageNumber } = this.#root.getStats() as Stats;
    const bytes = (lastPageNumber + 1) * pageSize;
    const grew = lastPageNumber > this.#pages;
    this.#pages = lastPageNumber;
    this.#isNear = bytes > near * this.#mostBytes;
    this.#fullUntil = bytes > this.#mostBytes && grew ? performance.now() + tryAgainMs : 0;
  }
}

export function mapFull(path: string): OncectlError {
  return new OncectlError('map-full', 'the embedded store has reached its largest size', {
    about: path,
    happened: 'no',
    hint: 'raise deployment.embedded.mapSize, or let what is queued be handled; nothing is lost',
  });
}
