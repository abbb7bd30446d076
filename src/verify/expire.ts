/** What nobody's step brings about: the receiver behind the last endpoint, and what stores let expire. */
import { takenBySink, type Violation } from './history.js';
import { holderOf, messageOf } from './layout.js';
import type { Emit, Move } from './move.js';
import type { Rows } from './rows.js';
import type { StoreModels } from './scenario.js';
import { without } from './values.js';

type Row = Uint32Array;

/** The sink has taken a message by a token. */
interface Taken {
  readonly payloads: number;
  readonly history: number;
  readonly move: Move;
  readonly violation: Violation | null;
}

export class Sink {
  readonly #rows: Rows;
  readonly #known = new Map<number, readonly Taken[]>();

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /**
   * `isFair`: the first of its moves is the one with which a fair world goes on. Answers whether there
   * was one.
   */
  takes(row: Row, isFair: boolean, emit: Emit): boolean {
    const { layout } = this.#rows;
    const key = (row[layout.history] as number) * 2 ** 24 + (row[layout.payloads] as number);
    let known = this.#known.get(key);
    if (!known) {
      known = this.#find(row);
      this.#known.set(key, known);
    }
    let isNext = isFair;
    for (const { payloads, history, move, violation } of known) {
      const next = this.#rows.from(row);
      next[layout.payloads] = payloads;
      next[layout.history] = history;
      emit(next, move, violation, isNext);
      isNext = false;
    }
    return known.length > 0;
  }

  #find(row: Row): Taken[] {
    const { layout, values } = this.#rows;
    const history = values.histories.value(row[layout.history] as number);
    const content = values.payloads.value(row[layout.payloads] as number);
    const all = Object.entries(history.arrived).flatMap(([id, tokens]) =>
      tokens.map((token) => ({ id, token, body: content.bodies[token] })),
    );
    return all.flatMap(({ id, token, body }) => {
      if (body === undefined) return [];
      const judged = takenBySink(history, id, body);
      const bodies = without(content.bodies, token);
      return {
        payloads: values.payloads.intern({ ...content, bodies }),
        history: values.histories.intern(judged.history),
        move: { worker: 0, what: `the receiver takes ${id} by ${token}`, note: '' },
        violation: judged.violation,
      };
    });
  }
}

/** Records, payloads and messages that their stores let expire, one at a time. */
export function expire(rows: Rows, row: Row, models: StoreModels, emit: Emit): void {
  const { dedupe, payload, broker } = models;
  const { layout, values } = rows;
  if (broker === 'expiry') expireMessages(rows, row, emit);
  if (dedupe === 'expiry') {
    for (const [endpoint, at] of layout.records) {
      const records = values.records.value(row[at] as number);
      for (const id of records.ids) {
        const next = rows.from(row);
        const ids = records.ids.filter((one) => one !== id);
        next[at] = values.records.intern({ ...records, ids });
        const what = `the record of ${id} at ${endpoint} expires`;
        emit(next, { worker: 0, what, note: '' }, null, false);
      }
    }
  }
  if (payload !== 'expiry') return;
  const content = values.payloads.value(row[layout.payloads] as number);
  for (const id of Object.keys(content.bodies)) {
    const next = rows.from(row);
    const bodies = without(content.bodies, id);
    next[layout.payloads] = values.payloads.intern({ ...content, bodies });
    emit(next, { worker: 0, what: `the payload ${id} expires`, note: '' }, null, false);
  }
}

/** Purged, discarded as a dead letter, or older than its queue keeps: to whoever is left it is one. */
function expireMessages(rows: Rows, row: Row, emit: Emit): void {
  const { layout, values } = rows;
  for (let index = 0; index < layout.copies; index++) {
    const copy = row[layout.firstCopy + index] as number;
    if (copy === 0 || holderOf(layout, copy) !== 0) continue;
    const { id } = values.messages.value(messageOf(layout, copy));
    const next = rows.from(row);
    rows.removeCopy(next, index + 1);
    emit(next, { worker: 0, what: `the message ${id} expires`, note: '' }, null, false);
  }
}
