/**
 * Repairs that begin: an operator who has listed what is pending. Of the list a repair keeps which
 * message it is; all else it reads once more. So one that was begun on an entry and is slow is one whose
 * list is old by then: lists need not be stale besides.
 */
import type { Message } from '../engine/message.js';
import { type RepairedEntry, repairedMessage } from '../engine/protocols/index.js';
import type { Automaton } from './automaton.js';
import type { Emit, Move } from './move.js';
import type { Rows } from './rows.js';
import { asBytes, type EntityContent } from './values.js';

type Row = Uint32Array;

/** A repair that may begin on what an entity holds. */
interface Beginning {
  readonly place: number;
  readonly what: string;
}

export class Repairs {
  readonly #rows: Rows;
  readonly #automaton: Automaton;
  /** By the entity's name and the number of its content. */
  readonly #known = new Map<string, Map<number, readonly Beginning[]>>();

  #isNextFair = false;

  constructor(rows: Rows, automaton: Automaton) {
    this.#rows = rows;
    this.#automaton = automaton;
  }

  /**
   * `actor`, a repair that does nothing, begins on each entry and slot that is there. `isFair`: the first
   * of its moves is the one with which a fair world goes on.
   */
  begin(row: Row, actor: number, isFair: boolean, emit: Emit): void {
    const { layout } = this.#rows;
    this.#isNextFair = isFair;
    for (const [name, at] of layout.entities) {
      this.#beginOn(name, row[at] as number, row, actor, emit);
    }
  }

  #beginOn(name: string, content: number, row: Row, actor: number, emit: Emit): void {
    const { layout } = this.#rows;
    for (const { place, what } of this.#beginnings(name, content)) {
      const next = this.#rows.from(row);
      next[this.#rows.placeAt(actor)] = place;
      const move: Move = { worker: 0, repair: actor - layout.workers, what, note: '' };
      const isNext = this.#isNextFair;
      this.#isNextFair = false;
      emit(next, move, null, isNext);
    }
  }

  #beginnings(name: string, content: number): readonly Beginning[] {
    let byContent = this.#known.get(name);
    if (!byContent) {
      byContent = new Map();
      this.#known.set(name, byContent);
    }
    let found = byContent.get(content);
    if (!found) {
      const { values } = this.#rows;
      found = pendingOf(name, values.entities.value(content)).map((entry) => {
        const message: Message = { ...repairedMessage(entry, 'payloads'), body: asBytes('') };
        const place = this.#automaton.start(values.messages.intern(message), message, true);
        return { place, what: `begins on ${entry.messageId} at ${entry.endpoint}` };
      });
      byContent.set(content, found);
    }
    return found;
  }
}

/** What `listPending` answers for the entity. */
function pendingOf(name: string, { entries, slot }: EntityContent): RepairedEntry[] {
  const slash = name.indexOf('/');
  const [endpoint, key] = [name.slice(0, slash), name.slice(slash + 1)];
  const left = Object.values(entries).filter(({ step }) => step !== 'dispatched');
  return [...left, ...(slot ? [slot] : [])].map(({ messageId, token }) => {
    return { endpoint, key, messageId, token: token ?? null };
  });
}
