/**
 * Takes the commit records that count out of what is staged. For each entity the chain is followed
 * from the record that its item names, backwards, to one that was taken before:
 *
 *  K1 what is reached took place; it comes oldest first, each entity's in the order of its versions;
 *  K2 what is not reached, of a version that the entity has reached, lost its race and is dropped:
 *     a condition on an earlier version can never hold again;
 *  K3 what is of a later version waits for its commit and is left alone.
 */

import { versionOf } from './entity-item.js';
import { textOf } from './item.js';
import { Recent } from './recent.js';
import { type StagedRecord, stagedOf, versionIn } from './records.js';
import type { Table } from './table.js';

const mostEntities = 200_000;

/** Records of one entity by their names. */
type Staged = Map<string, StagedRecord>;

export class RecordChain {
  readonly #table: Table;
  readonly #heads: Table;
  /** Entity's key -> its last record that was dropped: there the chain ends, and need not be read. */
  readonly #dropped = new Recent<string>(mostEntities);
  #ready: readonly StagedRecord[] = [];
  #taken: readonly StagedRecord[] = [];

  /** `heads` answers with version and record of an entity. */
  constructor(table: Table, heads: Table) {
    this.#table = table;
    this.#heads = heads;
  }

  async take(limit: number): Promise<readonly StagedRecord[]> {
    if (this.#ready.length < limit) this.#ready = await this.#collect();
    this.#taken = this.#ready.slice(0, limit);
    return this.#taken;
  }

  async dropTaken(): Promise<void> {
    const taken = this.#taken;
    await this.#drop(taken);
    for (const { key, name } of taken) this.#dropped.set(key, name);
    this.#ready = this.#ready.slice(taken.length);
    this.#taken = [];
  }

  async #collect(): Promise<readonly StagedRecord[]> {
    const byEntity = new Map<string, Staged>();
    for await (const item of this.#table.scan()) {
      const staged = stagedOf(item);
      if (staged) put(byEntity, staged);
    }
    const chains = await Promise.all(
      [...byEntity].map(([key, staged]) => this.#chainOf(key, staged)),
    );
    return inOrder(chains);
  }

  /** The records of one entity that took place, oldest first; drops those that did not. */
  async #chainOf(key: string, staged: Staged): Promise<readonly StagedRecord[]> {
    const head = await this.#heads.read(key);
    const chain: StagedRecord[] = [];
    const end = this.#dropped.get(key);
    let name = textOf(head?.['record']);
    while (name !== null && name !== end) {
      const found = staged.get(name) ?? (await this.#read(key, name));
      if (found === null) break;
      chain.push(found);
      staged.delete(name);
      name = found.previous;
    }
    const version = versionOf(head);
    await this.#drop([...staged.values()].filter((one) => versionIn(one.name) <= version));
    return chain.reverse();
  }

  /** One that was staged after the scan had passed its place. */
  async #read(key: string, name: string): Promise<StagedRecord | null> {
    const item = await this.#table.read(key, name);
    return item && stagedOf(item);
  }

  async #drop(records: readonly StagedRecord[]): Promise<void> {
    await Promise.all(records.map(({ key, name }) => this.#table.drop(key, name)));
  }
}

function put(byEntity: Map<string, Staged>, one: StagedRecord): void {
  const staged = byEntity.get(one.key) ?? new Map<string, StagedRecord>();
  byEntity.set(one.key, staged.set(one.name, one));
}

/** By the time in the writers' ids, but never against the order of an entity's versions. */
function inOrder(chains: readonly (readonly StagedRecord[])[]): readonly StagedRecord[] {
  const dated = chains.flatMap((chain) => {
    let time = '';
    return chain.map((one) => {
      const own = one.name.slice(one.name.indexOf('.') + 1);
      if (own > time) time = own;
      return { one, time };
    });
  });
  dated.sort(
    (left, right) => compare(left.time, right.time) || compare(left.one.name, right.one.name),
  );
  return dated.map(({ one }) => one);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
