/**
 * Gives the ids of a world new names: nonces are numbered in the order in which the row first mentions
 * them; what stands in the order of its names (payloads, what has arrived) is read last. Two worlds that
 * differ in the names of ids alone thus become one row, in all but a few ties (of ids that stand beside
 * each other in a set): there two rows remain, more work, and no less is seen.
 *
 * A payload whose id nothing else mentions, no store, message or program, is forgotten and counted:
 * nobody can name it any more, and its id is as good as new.
 */
import type { Automaton } from './automaton.js';
import { copyNumber, holderOf, type Layout, messageOf } from './layout.js';
import { maskOf, noncesIn, type Renaming } from './names.js';
import { forget, type Values } from './values.js';

type Row = Uint32Array;

/** What the numbers in a word of the row stand for, as far as names go. */
interface Named {
  /** By number: bit n says that nonce n is mentioned. */
  readonly masks: readonly number[];
  /** Those that are read first, in order. */
  nonces(id: number): readonly number[];
  rename(id: number, to: Renaming): number;
}

/** A renaming, and what it made of the contents so far. */
interface Known {
  readonly to: Renaming;
  /** Nonces that it changes. */
  readonly moved: number;
  readonly made: ReadonlyMap<Named, Map<number, number>>;
}

/** A renaming is looked up by its nonces, five bits each in an exact number. */
const mostNamed = 10;
const mostRounds = 4;

export class Naming {
  readonly #layout: Layout;
  readonly #values: Values;
  /** The words with names, in the order in which they are read; payloads are not among them. */
  readonly #positions: number[] = [];
  readonly #named: Named[] = [];
  readonly #known = new Map<number, Known>();
  readonly #forgotten = new Map<number, number>();
  readonly #order: number[] = [];

  constructor(layout: Layout, values: Values, automaton: Automaton) {
    this.#layout = layout;
    this.#values = values;
    const add = (at: number, named: Named) => {
      this.#positions.push(at);
      this.#named.push(named);
    };
    add(layout.history, values.histories);
    for (const at of layout.entities.values()) {
      add(at, values.entities);
      if (layout.staleEntities) add(at + 1, values.entities);
    }
    for (const at of layout.records.values()) add(at, values.records);
    add(layout.limbo, automaton);
    for (let actor = 0; actor < layout.actors; actor++) {
      add(layout.firstPlace + actor, automaton);
    }
  }

  /** Nonces that the world mentions: bit n for nonce n. */
  mask(row: Row): number {
    return this.#maskOfOthers(row) | this.#maskOfPayloads(row);
  }

  /**
   * Forgets and renames in place; answers whether there was anything to rename. Sets stand in the order
   * of their names, so that names given to what is read first may put in order what is read next.
   */
  rename(row: Row): boolean {
    let hasRenamed = false;
    for (let round = 0; round < mostRounds; round++) {
      if (this.#isInOrder(row)) break;
      this.#forget(row, this.#maskOfPayloads(row) & ~this.#maskOfOthers(row));
      const known = this.#renaming(row);
      if (known === null || known.moved === 0) break;
      this.#apply(row, known);
      hasRenamed = true;
    }
    return hasRenamed;
  }

  /** Renames in place, as told. */
  apply(row: Row, to: Renaming): void {
    this.#apply(row, newRenaming(to, []));
  }

  #apply(row: Row, known: Known): void {
    const { payloads, firstCopy, copies } = this.#layout;
    for (let index = 0; index < this.#positions.length; index++) {
      const at = this.#positions[index] as number;
      row[at] = renamedBy(known, this.#named[index] as Named, row[at] as number);
    }
    row[payloads] = renamedBy(known, this.#values.payloads, row[payloads] as number);
    for (let at = firstCopy; at < firstCopy + copies; at++) {
      const copy = row[at] as number;
      if (copy === 0) continue;
      const message = renamedBy(known, this.#values.messages, messageOf(this.#layout, copy));
      row[at] = copyNumber(this.#layout, message, holderOf(this.#layout, copy));
    }
  }

  #maskAt(row: Row, index: number): number {
    const { masks } = this.#named[index] as Named;
    return masks[row[this.#positions[index] as number] as number] as number;
  }

  #maskOfPayloads(row: Row): number {
    return this.#values.payloads.masks[row[this.#layout.payloads] as number] as number;
  }

  #maskOfOthers(row: Row): number {
    const { firstCopy, copies } = this.#layout;
    const { masks } = this.#values.messages;
    let mask = 0;
    for (let index = 0; index < this.#positions.length; index++) mask |= this.#maskAt(row, index);
    if (!this.#values.messages.hasNonces) return mask;
    for (let index = 0; index < copies; index++) {
      const copy = row[firstCopy + index] as number;
      if (copy !== 0) mask |= masks[messageOf(this.#layout, copy)] as number;
    }
    return mask;
  }

  /** Whether nothing is to be forgotten, and each nonce that was not mentioned before is the next. */
  #isInOrder(row: Row): boolean {
    const { histories, payloads } = this.#values;
    let count = 0;
    for (let index = 0; index < this.#positions.length && count >= 0; index++) {
      if (this.#maskAt(row, index) >>> count === 0) continue;
      const id = row[this.#positions[index] as number] as number;
      count = counted((this.#named[index] as Named).nonces(id), count);
    }
    count = this.#countCopies(row, count);
    if (count < 0) return false;
    const stored = this.#maskOfPayloads(row);
    if (stored >>> count !== 0) {
      if ((stored & ~this.#maskOfOthers(row)) !== 0) return false;
      count = counted(payloads.nonces(row[this.#layout.payloads] as number), count);
    }
    return counted(histories.allNonces(row[this.#layout.history] as number), count) >= 0;
  }

  #countCopies(row: Row, before: number): number {
    const { firstCopy, copies } = this.#layout;
    const { messages } = this.#values;
    if (!messages.hasNonces) return before;
    let count = before;
    for (let index = 0; index < copies && count >= 0; index++) {
      const copy = row[firstCopy + index] as number;
      if (copy !== 0) count = counted(messages.nonces(messageOf(this.#layout, copy)), count);
    }
    return count;
  }

  /** Null: more names than a renaming can tell. */
  #renaming(row: Row): Known | null {
    const order = this.#inReadingOrder(row);
    if (order.length > mostNamed) return null;
    let code = 0;
    for (const nonce of order) code = code * 32 + nonce + 1;
    let known = this.#known.get(code);
    if (!known) {
      const to = Object.fromEntries(order.map((nonce, index) => [nonce, index]));
      const { payloads, messages } = this.#values;
      known = newRenaming(to, [...new Set([...this.#named, messages, payloads])]);
      this.#known.set(code, known);
    }
    return known;
  }

  #inReadingOrder(row: Row): readonly number[] {
    const { history, payloads, firstCopy, copies } = this.#layout;
    const values = this.#values;
    const order = this.#order;
    order.length = 0;
    for (let index = 0; index < this.#positions.length; index++) {
      if (this.#maskAt(row, index) === 0) continue;
      const id = row[this.#positions[index] as number] as number;
      mention(order, (this.#named[index] as Named).nonces(id));
    }
    for (let index = 0; index < copies; index++) {
      const copy = row[firstCopy + index] as number;
      if (copy !== 0) mention(order, values.messages.nonces(messageOf(this.#layout, copy)));
    }
    mention(order, values.payloads.nonces(row[payloads] as number));
    mention(order, values.histories.allNonces(row[history] as number));
    return order;
  }

  /** `mask`: nonces that only the payload store mentions. */
  #forget(row: Row, mask: number): void {
    if (mask === 0) return;
    const { payloads } = this.#values;
    const id = row[this.#layout.payloads] as number;
    const key = id * 2 ** 30 + mask;
    let known = this.#forgotten.get(key);
    if (known === undefined) {
      const content = payloads.value(id);
      const all = [...Object.keys(content.bodies), ...Object.keys(content.old)];
      const ids = all.filter((one) => (maskOf(noncesIn(one)) & mask) !== 0);
      known = payloads.intern(forget(content, ids));
      this.#forgotten.set(key, known);
    }
    row[this.#layout.payloads] = known;
  }
}

/** `count` and the nonces that follow it in order; -1 when one does not. */
function counted(nonces: readonly number[], count: number): number {
  let next = count;
  if (next < 0) return -1;
  for (const nonce of nonces) {
    if (nonce > next) return -1;
    if (nonce === next) next++;
  }
  return next;
}

function mention(order: number[], nonces: readonly number[]): void {
  for (const nonce of nonces) if (!order.includes(nonce)) order.push(nonce);
}

function newRenaming(to: Renaming, all: readonly Named[]): Known {
  let moved = 0;
  for (const [from, other] of Object.entries(to)) {
    if (Number(from) !== other) moved |= 1 << Number(from);
  }
  return { to, moved, made: new Map(all.map((named) => [named, new Map()])) };
}

function renamedBy({ to, moved, made }: Known, named: Named, id: number): number {
  if (((named.masks[id] as number) & moved) === 0) return id;
  const table = made.get(named);
  const known = table?.get(id);
  if (known !== undefined) return known;
  const other = named.rename(id, to);
  table?.set(id, other);
  return other;
}
