/**
 * What a worker's next step may come to, as a table: for its place, and for what the stores hold where
 * the step looks, the answers with the place that each leads to. Filled as it is asked.
 */
import type { Effect, EffectOf } from '../engine/effects.js';
import { isRead } from '../engine/protocols/steps.js';
import { type Answer, conflict } from './answers.js';
import type { Automaton } from './automaton.js';
import type { Stores } from './effects.js';
import { foreseen, fresh } from './foreseen.js';
import type { Layout } from './layout.js';
import { type Move, type Who, whoOf } from './move.js';
import { mostNonces } from './names.js';
import type { Scenario, Wrongs } from './scenario.js';
import type { Values } from './values.js';

type Row = Uint32Array;

export interface Step extends Answer {
  /** By actor: how a trace tells it. */
  readonly moves: readonly Move[];
  /** The name of the result among all results. */
  readonly key: string;
  /** The place it leads to; -1: not asked yet. */
  to: number;
}

/** What is known of a place once and for all. */
export interface Spot {
  readonly effect: Effect;
  /** Positions in the row on which the answers depend; -1: on none. */
  readonly first: number;
  readonly second: number;
  /** Its write may be on its way while its caller is told of a time-out. */
  readonly canBeLate: boolean;
  /** By actor: how a trace tells that. */
  readonly lateMoves: readonly Move[];
  /** A crash struck here. */
  isStruck: boolean;
  readonly steps: Map<number, readonly Step[]>;
}

/** Contents of one kind that the table can tell apart. */
const mostContents = 2 ** 21;
const neverLate: ReadonlySet<string> = new Set(['ack', 'handle', 'transact', 'report-lost']);

export class Steps {
  readonly #stores: Stores;
  readonly #automaton: Automaton;
  readonly #values: Values;
  readonly #wrongs: Wrongs;
  readonly #who: readonly Who[];
  readonly #spots: Array<Spot | undefined> = [];

  constructor(
    { wrongs }: Scenario,
    layout: Layout,
    stores: Stores,
    automaton: Automaton,
    values: Values,
  ) {
    this.#stores = stores;
    this.#automaton = automaton;
    this.#values = values;
    this.#wrongs = wrongs;
    this.#who = whoOf(layout);
  }

  spot(place: number): Spot {
    const before = this.#spots[place];
    if (before) return before;
    const effect = this.#automaton.effect(place) as Effect;
    const [first = -1, second = -1] = this.#stores.reads(effect);
    const canBeLate = !isRead(effect.kind) && !neverLate.has(effect.kind);
    const lateMoves = canBeLate ? this.#by(effect.kind, 'times out, and is still on its way') : [];
    const known = { effect, first, second, canBeLate, lateMoves };
    const spot = { ...known, isStruck: false, steps: new Map() };
    while (this.#spots.length < place) this.#spots.push(undefined);
    this.#spots[place] = spot;
    return spot;
  }

  /** What the step at `spot` may come to. `nonce` is fresh in this world. */
  of({ effect, first, second, steps }: Spot, row: Row, nonce: number): readonly Step[] {
    const a = first < 0 ? 0 : (row[first] as number);
    const b = second < 0 ? 0 : (row[second] as number);
    const key = (b * mostContents + a) * mostNonces + nonce;
    const known = steps.get(key);
    if (known) return known;
    if (Math.max(a, b) >= mostContents) throw new Error('too many contents: smaller bounds needed');
    const found = this.#stores.perform(effect, row, nonce).map((answer) => ({
      ...answer,
      moves: this.#moves(effect, answer),
      key: JSON.stringify(answer.result) ?? '',
      to: -1,
    }));
    for (const step of found) this.#checkForeseen(effect, step, nonce);
    steps.set(key, found);
    return found;
  }

  /** Places were made one because of what is foreseen: it has to be what the stores answer. */
  #checkForeseen(effect: Effect, step: Step, nonce: number): void {
    const told = foreseen(effect, this.#wrongs);
    if (told === null || step.result === conflict) return;
    const expected = (JSON.stringify(told[0]) ?? '').replaceAll(fresh, `p${nonce}`);
    if (step.key !== expected) throw new Error(`${effect.kind} answers ${step.key}: not foreseen`);
  }

  /** Where the step leads: the handler runs with it when that is next. */
  to(place: number, step: Step, nonce: number): number {
    if (step.to >= 0) return step.to;
    step.to =
      step.result === conflict
        ? this.#again(place)
        : this.after(place, step.key, step.result, nonce);
    return step.to;
  }

  /** Where a program is once it was fed `result` and, when a handler is next, what that comes to. */
  after(place: number, key: string, result: unknown, nonce: number): number {
    const to = this.#automaton.feed(place, key, result);
    const effect = this.#automaton.effect(to);
    if (effect?.kind !== 'handle' || isFetching(effect)) return to;
    const before = this.#automaton.effect(place)?.kind;
    if (before === undefined || !isRead(before))
      throw new Error(`a handler follows ${before}, which may take its nonce`);
    return this.#automaton.feed(to, `t${nonce}`, this.#stores.handle(effect, nonce));
  }

  #again(place: number): number {
    const message = this.#automaton.message(place);
    const isRepair = this.#automaton.isRepair(place);
    return this.#automaton.start(this.#values.messages.intern(message), message, isRepair);
  }

  #moves(effect: Effect, answer: Answer): Move[] {
    const said = noteOf(effect, answer);
    const note = answer.isPartial ? `${said}, then crashes` : said;
    return this.#by(effect.kind, note);
  }

  #by(what: string, note: string): Move[] {
    return this.#who.map((who) => ({ ...who, what, note }));
  }
}

/** The body is neither in the message nor given by a step before: performing `handle` fetches it. */
function isFetching({ message, body }: EffectOf<'handle'>): boolean {
  return body === null && message.headers.payload !== undefined;
}

function noteOf(effect: Effect, answer: Answer): string {
  if (answer.note !== '') return answer.note;
  if (effect.kind === 'has-record') return answer.result ? 'yes' : 'no';
  if (effect.kind === 'get-payload') return answer.result === null ? 'absent' : 'present';
  return '';
}
