/** The common case of an entity: each commit follows the one before, and the store holds the last. */
import type { ChainCommit, ChainEnd, ChainFact } from './chain-facts.js';

/** Takes an entity's facts in the order of their text. */
export class PlainChain {
  readonly endpoint: string;
  readonly key: string;
  #last: ChainCommit | null = null;
  #ended = false;
  #plain = true;

  constructor({ endpoint, key }: Pick<ChainFact, 'endpoint' | 'key'>) {
    this.endpoint = endpoint;
    this.key = key;
  }

  isOf(fact: ChainFact): boolean {
    return this.key === fact.key && this.endpoint === fact.endpoint;
  }

  add({ commit, end }: ChainFact): void {
    if (commit !== null) this.#follow(commit);
    if (end !== null) this.#end(end);
  }

  /** After the last fact. `storeKnown`: every entity must have its end. */
  isPlain(storeKnown: boolean): boolean {
    return this.#plain && (this.#ended || !storeKnown);
  }

  /** The same record twice is one commit that was reported twice. */
  #follow(commit: ChainCommit): void {
    const last = this.#last;
    this.#last = commit;
    if (last === null) {
      this.#plain &&= commit.previous === '' && commit.before === '';
    } else if (!same(last, commit)) {
      const follows = commit.previous === last.transaction && commit.version > last.version;
      this.#plain &&= follows && commit.before === last.after;
    }
  }

  #end({ version, transaction, hash }: ChainEnd): void {
    const last = this.#last;
    this.#ended = true;
    this.#plain &&= transaction === (last?.transaction ?? '') && hash === (last?.after ?? '');
    this.#plain &&= version >= (last?.version ?? 0);
  }
}

function same(one: ChainCommit, other: ChainCommit): boolean {
  return (
    one.transaction === other.transaction &&
    one.version === other.version &&
    one.messageId === other.messageId &&
    one.previous === other.previous &&
    one.before === other.before &&
    one.after === other.after
  );
}
