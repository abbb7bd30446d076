/** Everything that may happen next in a world: the steps of its workers, and what befalls them. */
import type { Effect, EffectOf } from '../engine/effects.js';
import type { Message } from '../engine/message.js';
import { type Answer, conflict } from './answers.js';
import { Automaton, idle, isRead } from './automaton.js';
import { Stores } from './effects.js';
import { emptyHistory, takenBySink, unfounded, type Violation } from './history.js';
import { freshNonce } from './interner.js';
import { copyNumber, holderOf, type Layout, layoutOf, messageOf } from './layout.js';
import { Rows } from './rows.js';
import type { Scenario } from './scenario.js';
import { asBytes, emptyEntity, Values, without } from './values.js';

type Row = Uint32Array;

/** What happened, for a trace: by whom, what, and what was special about it. */
export interface Move {
  /** 1 is the first worker; 0: nobody's, the world's. */
  readonly worker: number;
  readonly what: string;
  readonly note: string;
}

export type Emit = (row: Row, move: Move, violation: Violation | null) => void;

/** An answer, with the name of its result among all results. */
interface Keyed extends Answer {
  readonly key: string;
}

/** The sink has taken a message by a token. */
interface Taken {
  readonly payloads: number;
  readonly history: number;
  readonly move: Move;
  readonly violation: Violation | null;
}

export class World {
  readonly layout: Layout;
  readonly values = new Values();
  readonly automaton: Automaton;
  readonly scenario: Scenario;
  /** What has occurred at least once, over everything explored: proof that the model is not empty. */
  readonly occurred = new Set<string>();
  readonly #stores: Stores;
  readonly #memo = new Map<number, Map<number, readonly Keyed[]>>();
  readonly #taken = new Map<number, readonly Taken[]>();
  readonly #rows: Rows;
  /** A store that caches what it answered is another one after a read. */
  readonly #readsLeaveMarks: boolean;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.layout = layoutOf(scenario);
    this.#stores = new Stores(scenario, this.layout, this.values);
    this.automaton = new Automaton((name) => {
      const found = scenario.endpoints.find((one) => one.name === name);
      if (!found) throw new Error(`no endpoint ${name}`);
      return found.protocol;
    });
    this.#rows = new Rows(scenario, this.layout, this.values, this.automaton);
    const { dedupe, payload } = scenario.stores;
    this.#readsLeaveMarks = [dedupe, payload].includes('negative-cache');
  }

  /** Every message entered, its token put, nothing done yet. */
  start(): Row {
    const { layout, values, scenario } = this;
    const { bounds, entered } = scenario;
    const row = new Uint32Array(layout.width);
    row[layout.crashes] = bounds.crashes;
    row[layout.unknowns] = bounds.unknowns;
    const bodies: Record<string, string> = {};
    let copy = layout.firstCopy;
    for (const { id, endpoint, key, body } of entered) {
      const protocol = scenario.endpoints.find(({ name }) => name === endpoint)?.protocol;
      const withToken = protocol?.recognisesBy === 'token';
      if (withToken) bodies[`in-${id}`] = body;
      const headers = withToken ? { payload: { id: `in-${id}`, store: 'payloads' } } : {};
      const message: Message = {
        ...{ id, endpoint, type: 'M', key, headers },
        body: asBytes(withToken ? '' : body),
      };
      const number = copyNumber(layout, values.messages.intern(message), 0);
      // In a local transaction the queue row is the entry's: there is one, however often it is sent.
      const copies = protocol?.recognisesBy === 'transaction' ? 1 : bounds.copies;
      for (let index = 0; index < copies; index++) row[copy++] = number;
    }
    row[layout.history] = values.histories.intern(emptyHistory);
    row[layout.payloads] = values.payloads.intern({ bodies, old: {} });
    for (const at of layout.records.values()) {
      row[at] = values.records.intern({ ids: [], hidden: [] });
    }
    for (const at of layout.entities.values()) {
      row[at] = values.entities.intern(emptyEntity);
      if (layout.staleEntities) row[at + 1] = row[at] as number;
    }
    return row;
  }

  /** Tells every move from `row`. The row handed over is used again for the next. */
  moves(row: Row, emit: Emit): void {
    const { layout } = this;
    let hasTaken = false;
    for (let worker = 1; worker <= layout.workers; worker++) {
      const place = row[this.#rows.placeAt(worker)] as number;
      if (place !== idle) this.#work(row, worker, place, emit);
      else if (!hasTaken) {
        hasTaken = true;
        this.#takes(row, worker, emit);
      }
    }
    if (row[layout.limbo] !== 0) this.#limbo(row, emit);
    this.#expiries(row, emit);
    this.#sinkTakes(row, emit);
  }

  /** The step with which a fair world goes on, alone and without mishap; false at the end. */
  fairMove(row: Row, emit: Emit): boolean {
    const { layout } = this;
    let chosen = 0;
    for (let worker = 1; worker <= layout.workers; worker++) {
      if (this.#depth(row, worker) > this.#depth(row, chosen)) chosen = worker;
    }
    let hasMoved = false;
    const first: Emit = (next, move, violation) => {
      if (!hasMoved) emit(next, move, violation);
      hasMoved = true;
    };
    if (chosen > 0) {
      this.#step(row, chosen, row[this.#rows.placeAt(chosen)] as number, first);
      return true;
    }
    if (row[layout.limbo] !== 0) this.#limbo(row, first);
    if (!hasMoved) this.#takes(row, 1, first);
    if (!hasMoved) this.#sinkTakes(row, first);
    return hasMoved;
  }

  #depth(row: Row, worker: number): number {
    return worker === 0 ? 0 : this.automaton.depth(row[this.#rows.placeAt(worker)] as number);
  }

  #takes(row: Row, worker: number, emit: Emit): void {
    const { layout, values, automaton } = this;
    let last = 0;
    for (let index = 0; index < layout.copies; index++) {
      const copy = row[layout.firstCopy + index] as number;
      if (copy === 0 || copy === last || holderOf(layout, copy) !== 0) continue;
      last = copy;
      const message = messageOf(layout, copy);
      const next = this.#rows.from(row);
      next[this.#rows.placeAt(worker)] = automaton.start(message, values.messages.value(message));
      next[this.#rows.placeAt(worker) + 1] = index + 1;
      next[layout.firstCopy + index] = copy + worker;
      emit(next, { worker, what: `receives ${values.messages.value(message).id}`, note: '' }, null);
    }
  }

  #work(row: Row, worker: number, place: number, emit: Emit): void {
    const { layout } = this;
    this.#step(row, worker, place, emit);
    const pointer = row[this.#rows.placeAt(worker) + 1] as number;
    const copy = pointer === 0 ? 0 : (row[layout.firstCopy + pointer - 1] as number);
    const holds = copy !== 0 && holderOf(layout, copy) === worker;
    const effect = this.automaton.effect(place) as Effect;
    if ((row[layout.crashes] as number) > 0) {
      // A crash behind a step that only read is a crash before it: no other row would come of it.
      if (this.automaton.afterWrite(place) || this.#readsLeaveMarks) {
        const next = this.#rows.crashed(row, worker);
        this.occurred.add(`crash before ${effect.kind}`);
        emit(next, { worker, what: 'crashes', note: '' }, null);
      }
      if (this.scenario.wrongs.visibleBeforeDurable) this.#powerCut(row, worker, emit);
      if (holds) {
        const next = this.#rows.from(row);
        next[layout.firstCopy + pointer - 1] = copy - worker;
        next[layout.crashes] = (row[layout.crashes] as number) - 1;
        emit(next, { worker, what: 'loses its lease and lives on', note: '' }, null);
      }
    }
    const canBeLate =
      !isRead(effect.kind) && !['ack', 'handle', 'transact', 'report-lost'].includes(effect.kind);
    if (canBeLate && (row[layout.unknowns] as number) > 0 && row[layout.limbo] === 0) {
      const next = this.#rows.stopped(row, worker);
      next[layout.unknowns] = (row[layout.unknowns] as number) - 1;
      next[layout.limbo] = place;
      emit(next, { worker, what: effect.kind, note: 'times out, and is still on its way' }, null);
      if (effect.kind === 'put-payloads') this.#repeatPut(row, worker, place, effect, emit);
    }
  }

  /** Only a mutant does this: it goes on though its put may still land, under the id that it repeats. */
  #repeatPut(
    row: Row,
    worker: number,
    place: number,
    effect: EffectOf<'put-payloads'>,
    emit: Emit,
  ): void {
    if (!this.scenario.wrongs.repeatsPut || effect.payloads === null) return;
    const next = this.#rows.from(row);
    next[this.layout.unknowns] = (row[this.layout.unknowns] as number) - 1;
    next[this.layout.limbo] = place;
    this.#goOn(next, worker, place, effect.payloads);
    const note = 'times out, is still on its way, and was repeated';
    emit(next, { worker, what: effect.kind, note }, null);
  }

  /** Only on a store that shows what is not durable: the last commit of each entity is gone. */
  #powerCut(row: Row, worker: number, emit: Emit): void {
    const { layout, values } = this;
    const next = this.#rows.crashed(row, worker);
    let history = values.histories.value(row[layout.history] as number);
    for (const [name, at] of layout.entities) {
      const now = values.entities.value(row[at] as number);
      const before = values.entities.value(row[at + 1] as number);
      if (now.version === before.version) continue;
      next[at] = row[at + 1] as number;
      const undone = Object.entries(history.commits).filter(
        ([by, { transaction }]) =>
          by.startsWith(name.slice(0, name.indexOf('/') + 1)) && transaction === now.transaction,
      );
      history = { ...history, commits: without(history.commits, ...undone.map(([by]) => by)) };
    }
    next[layout.history] = values.histories.intern(history);
    const violation = unfounded(history);
    emit(next, { worker, what: 'loses power', note: 'the last commit was not durable' }, violation);
  }

  #step(row: Row, worker: number, place: number, emit: Emit): void {
    const effect = this.automaton.effect(place) as Effect;
    if (effect.kind === 'ack') this.#ack(row, worker, place, emit);
    else if (effect.kind === 'handle') this.#fetch(row, worker, place, effect, emit);
    else if (effect.kind === 'transact') this.#transact(row, worker, place, effect, emit);
    else if (effect.kind !== 'register' || this.#mayRegister(effect)) {
      for (const answer of this.#answers(row, place, effect)) {
        this.#answered(row, worker, place, effect, answer, emit);
      }
    }
  }

  /** A consumer by id, of a message whose body lies in the payload store: handling reads a store. */
  #fetch(row: Row, worker: number, place: number, effect: EffectOf<'handle'>, emit: Emit): void {
    const body = this.#stores.fetch(effect.message, row);
    if (body === null) {
      const next = this.#rows.stopped(row, worker);
      const note = 'the body is not in the payload store: the attempt fails';
      emit(next, { worker, what: 'handle', note }, null);
      return;
    }
    const nonce = freshNonce(this.#rows.mask(row));
    const outcome = this.#stores.handle(effect, nonce, body);
    const next = this.#rows.from(row);
    this.#goOn(next, worker, place, outcome, `t${nonce}`);
    emit(next, { worker, what: 'handle', note: 'fetches the body' }, null);
  }

  /** Attempts that collide register for ever; the bound ends that. */
  #mayRegister({ entity }: EffectOf<'register'>): boolean {
    return entity.registry.length < this.scenario.bounds.attempts;
  }

  #answered(
    row: Row,
    worker: number,
    place: number,
    effect: Effect,
    answer: Keyed,
    emit: Emit,
  ): void {
    if (answer.isPartial) {
      if ((row[this.layout.crashes] as number) === 0) return;
      const next = this.#rows.crashed(row, worker);
      this.#rows.write(next, answer);
      const note = `${answer.note}, then crashes`;
      emit(next, { worker, what: effect.kind, note }, answer.violation);
      return;
    }
    if (effect.kind === 'commit' && this.scenario.wrongs.showsErrors) {
      this.#unanswered(row, worker, place, answer, emit);
    }
    const next = this.#rows.from(row);
    this.#rows.write(next, answer);
    this.#goOn(next, worker, place, answer.result, answer.key);
    if (answer.result === conflict) this.occurred.add(`${effect.kind} lost the race`);
    emit(next, { worker, what: effect.kind, note: noteOf(effect, answer) }, answer.violation);
  }

  /** The commit takes place, and its caller is told of a time-out, which it catches or not. */
  #unanswered(row: Row, worker: number, place: number, answer: Answer, emit: Emit): void {
    if ((row[this.layout.unknowns] as number) === 0) return;
    const to = this.automaton.feedError(place);
    const hasEnded = this.automaton.hasFailed(to);
    const next = hasEnded ? this.#rows.stopped(row, worker) : this.#rows.from(row);
    if (!hasEnded) next[this.#rows.placeAt(worker)] = to;
    this.#rows.write(next, answer);
    next[this.layout.unknowns] = (row[this.layout.unknowns] as number) - 1;
    emit(next, { worker, what: 'commit', note: 'takes place, and times out' }, answer.violation);
  }

  /** Feeds the result, runs the handler when that is next, and sends the worker home at the end. */
  #goOn(
    next: Row,
    worker: number,
    place: number,
    result: unknown,
    key = JSON.stringify(result) ?? '',
  ): void {
    const { automaton } = this;
    const at = this.#rows.placeAt(worker);
    if (result === conflict) {
      const message = automaton.message(place);
      next[at] = automaton.start(message, this.values.messages.value(message));
      return;
    }
    let to = automaton.feed(place, key, result);
    const effect = automaton.effect(to);
    if (effect?.kind === 'handle' && !isFetching(effect)) {
      next[at] = to;
      const nonce = freshNonce(this.#rows.mask(next));
      to = automaton.feed(to, `t${nonce}`, this.#stores.handle(effect, nonce));
    }
    if (automaton.effect(to) !== null) next[at] = to;
    else if (automaton.hasFailed(to)) this.#rows.stop(next, worker);
    else {
      next[at] = idle;
      next[at + 1] = 0;
    }
  }

  #ack(row: Row, worker: number, place: number, emit: Emit): void {
    const { layout, automaton } = this;
    const pointer = row[this.#rows.placeAt(worker) + 1] as number;
    const copy = pointer === 0 ? 0 : (row[layout.firstCopy + pointer - 1] as number);
    const isStale = copy !== 0 && holderOf(layout, copy) !== worker;
    if (!automaton.hasHandled(place)) this.occurred.add('a duplicate was dropped');
    if (isStale || copy === 0) {
      const next = this.#rows.from(row);
      this.#goOn(next, worker, place, undefined);
      emit(next, { worker, what: 'ack', note: 'stale, without effect' }, null);
    }
    if (copy === 0) return;
    const next = this.#rows.from(row);
    this.#goOn(next, worker, place, undefined);
    this.#rows.removeCopy(next, pointer);
    emit(next, { worker, what: 'ack', note: isStale ? 'stale, and takes effect' : '' }, null);
  }

  #transact(
    row: Row,
    worker: number,
    place: number,
    effect: EffectOf<'transact'>,
    emit: Emit,
  ): void {
    const { layout } = this;
    const pointer = row[this.#rows.placeAt(worker) + 1] as number;
    const copy = pointer === 0 ? 0 : (row[layout.firstCopy + pointer - 1] as number);
    const holder = copy === 0 ? -1 : holderOf(layout, copy);
    if (holder !== worker) {
      const next = this.#rows.from(row);
      this.#goOn(next, worker, place, 'gone');
      this.occurred.add('the copy was gone');
      emit(next, { worker, what: 'transact', note: 'the copy is gone' }, null);
    }
    // A lease that has ended and that nobody took over may still hold.
    if (holder !== worker && holder !== 0) return;
    for (const answer of this.#answers(row, place, effect)) {
      const next = this.#rows.from(row);
      this.#rows.write(next, answer);
      this.#goOn(next, worker, place, answer.result, answer.key);
      if (answer.result === conflict) this.occurred.add('transact lost the race');
      else this.#rows.removeCopy(next, pointer);
      emit(next, { worker, what: 'transact', note: answer.note }, answer.violation);
    }
  }

  #limbo(row: Row, emit: Emit): void {
    const { layout } = this;
    const place = row[layout.limbo] as number;
    const effect = this.automaton.effect(place) as Effect;
    for (const answer of this.#answers(row, place, effect)) {
      if (answer.isPartial) continue;
      const next = this.#rows.from(row);
      this.#rows.write(next, answer);
      next[layout.limbo] = 0;
      const note =
        answer.result === conflict ? 'lands too late: its condition fails' : 'lands late';
      emit(next, { worker: 0, what: effect.kind, note }, answer.violation);
    }
    const next = this.#rows.from(row);
    next[layout.limbo] = 0;
    emit(next, { worker: 0, what: effect.kind, note: 'never lands' }, null);
  }

  #expiries(row: Row, emit: Emit): void {
    const { stores } = this.scenario;
    const { layout, values } = this;
    if (stores.dedupe === 'expiry') {
      for (const [endpoint, at] of layout.records) {
        const records = values.records.value(row[at] as number);
        for (const id of records.ids) {
          const next = this.#rows.from(row);
          const ids = records.ids.filter((one) => one !== id);
          next[at] = values.records.intern({ ...records, ids });
          emit(
            next,
            { worker: 0, what: `the record of ${id} at ${endpoint} expires`, note: '' },
            null,
          );
        }
      }
    }
    if (stores.payload !== 'expiry') return;
    const content = values.payloads.value(row[layout.payloads] as number);
    for (const id of Object.keys(content.bodies)) {
      const next = this.#rows.from(row);
      const bodies = without(content.bodies, id);
      next[layout.payloads] = values.payloads.intern({ ...content, bodies });
      emit(next, { worker: 0, what: `the payload ${id} expires`, note: '' }, null);
    }
  }

  #sinkTakes(row: Row, emit: Emit): void {
    const { layout } = this;
    const key = (row[layout.history] as number) * 2 ** 24 + (row[layout.payloads] as number);
    let known = this.#taken.get(key);
    if (!known) {
      known = this.#findTaken(row);
      this.#taken.set(key, known);
    }
    for (const { payloads, history, move, violation } of known) {
      const next = this.#rows.from(row);
      next[layout.payloads] = payloads;
      next[layout.history] = history;
      emit(next, move, violation);
    }
  }

  #findTaken(row: Row): Taken[] {
    const { layout, values } = this;
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

  #answers(row: Row, place: number, effect: Effect): readonly Keyed[] {
    const nonce = freshNonce(this.#rows.mask(row));
    const [first = -1, second = -1] = this.#stores.reads(effect);
    const a = first < 0 ? 0 : (row[first] as number);
    const b = second < 0 ? 0 : (row[second] as number);
    const key = (a * 2 ** 21 + b) * 32 + nonce;
    let known = this.#memo.get(place);
    if (!known) {
      known = new Map();
      this.#memo.set(place, known);
    }
    let answers = known.get(key);
    if (!answers) {
      answers = this.#stores
        .perform(effect, row, nonce)
        .map((answer) => ({ ...answer, key: JSON.stringify(answer.result) ?? '' }));
      known.set(key, answers);
    }
    return answers;
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
