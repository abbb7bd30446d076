/** What is done to a row, whatever move asks for it: workers stop, copies come and go. */
import type { Message } from '../engine/message.js';
import type { Answer } from './answers.js';
import { idle } from './automaton.js';
import { copyNumber, holderOf, type Layout, messageOf } from './layout.js';
import type { Scenario } from './scenario.js';
import type { Values } from './values.js';

type Row = Uint32Array;

export class Rows {
  readonly layout: Layout;
  readonly values: Values;
  readonly #scenario: Scenario;
  readonly #scratch: Row;

  constructor(scenario: Scenario, layout: Layout, values: Values) {
    this.layout = layout;
    this.values = values;
    this.#scenario = scenario;
    this.#scratch = new Uint32Array(layout.width);
  }

  placeAt(actor: number): number {
    return this.layout.firstPlace + actor - 1;
  }

  /** A repair's always holds 0. */
  pointerAt(actor: number): number {
    return this.layout.firstPointer + actor - 1;
  }

  /** A further copy of what lies there as often as copies are allowed would show nothing new. */
  enqueue(next: Row, message: Message): void {
    const { layout, values } = this;
    const id = values.messages.intern(message);
    let alike = 0;
    let free = -1;
    for (let index = 0; index < layout.copies; index++) {
      const copy = next[layout.firstCopy + index] as number;
      if (copy === 0) free = index;
      else if (messageOf(layout, copy) === id) alike++;
    }
    if (alike >= this.#scenario.bounds.copies) return;
    if (free < 0) throw new Error('no room for another copy: larger bounds are needed');
    next[layout.firstCopy + free] = copyNumber(layout, id, 0);
  }

  removeCopy(next: Row, pointer: number): void {
    const { layout } = this;
    next[layout.firstCopy + pointer - 1] = 0;
    for (let worker = 1; worker <= layout.workers; worker++) {
      const at = this.pointerAt(worker);
      if (next[at] === pointer) next[at] = 0;
    }
  }

  isPointedAt(row: Row, pointer: number): boolean {
    for (let worker = 1; worker <= this.layout.workers; worker++) {
      if (row[this.pointerAt(worker)] === pointer) return true;
    }
    return false;
  }

  crashed(row: Row, actor: number): Row {
    const next = this.stopped(row, actor);
    next[this.layout.crashes] = (row[this.layout.crashes] as number) - 1;
    return next;
  }

  /** The actor forgets everything; a copy whose lease it holds becomes visible. */
  stopped(row: Row, actor: number): Row {
    const next = this.from(row);
    this.stop(next, actor);
    return next;
  }

  stop(next: Row, actor: number): void {
    const { layout } = this;
    const pointer = next[this.pointerAt(actor)] as number;
    next[this.placeAt(actor)] = idle;
    next[this.pointerAt(actor)] = 0;
    if (pointer === 0) return;
    const copy = next[layout.firstCopy + pointer - 1] as number;
    if (copy !== 0 && holderOf(layout, copy) === actor) {
      next[layout.firstCopy + pointer - 1] = copy - actor;
    }
  }

  from(row: Row): Row {
    this.#scratch.set(row);
    return this.#scratch;
  }

  write(next: Row, { writes, sends }: Answer): void {
    for (let at = 0; at < writes.length; at += 2)
      next[writes[at] as number] = writes[at + 1] as number;
    for (const message of sends) this.enqueue(next, message);
  }
}
