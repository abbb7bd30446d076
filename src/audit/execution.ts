/**
 * I5 for deterministic handlers: an entity's commits are executed again, one after another, and must
 * arrive at the same states. Where a chain forks or has a gap (I2), the rest of it is not judged.
 */
import { hashOf } from '../engine/evidence.js';
import type { ChainCommit, ChainFact } from './chain-facts.js';
import { decodeKey } from './lines.js';

/**
 * Executes a message's handler again: the state that it leaves. `undefined` when this endpoint's
 * handlers cannot be re-executed. `key` is the entity's.
 */
export type Replay = (
  before: Uint8Array | null,
  messageId: string,
  endpoint: string,
  key: string,
) => Uint8Array | null | undefined;

/** One entity's execution, from no state on. */
export class Execution {
  readonly #endpoint: string;
  readonly #key: string;
  readonly #replay: Replay;
  #state: Uint8Array | null = null;
  #transaction = '';
  #given = true;

  constructor({ endpoint, key }: Pick<ChainFact, 'endpoint' | 'key'>, replay: Replay) {
    this.#endpoint = endpoint;
    this.#key = decodeKey(key);
    this.#replay = replay;
  }

  /** The next commit in order of version; a sentence when it did something else. */
  step(commit: ChainCommit): string | null {
    if (!this.#given || commit.transaction === this.#transaction) return null;
    this.#given = commit.previous === this.#transaction;
    if (!this.#given) return null;
    this.#transaction = commit.transaction;
    const difference = this.#execute(commit);
    this.#given &&= difference === null;
    return difference;
  }

  #execute({ messageId, after }: ChainCommit): string | null {
    let state: Uint8Array | null | undefined;
    try {
      state = this.#replay(this.#state, messageId, this.#endpoint, this.#key);
    } catch (thrown) {
      return `executed again, entity ${this.#key}: the handler failed: ${String(thrown)}`;
    }
    this.#given = state !== undefined;
    this.#state = state ?? null;
    const again = hashOf(this.#state);
    if (!this.#given || again === after) return null;
    return `executed again, entity ${this.#key} has state ${again}, but ${after} was committed`;
  }
}
