/** Everything that may happen next in a world: the steps of its actors, and what befalls them. */
import type { EffectOf } from '../engine/effects.js';
import type { Message } from '../engine/message.js';
import { repairing } from '../engine/protocols/index.js';
import { conflict } from './answers.js';
import { Automaton, idle } from './automaton.js';
import { Stores } from './effects.js';
import { expire, Sink } from './expire.js';
import { emptyHistory, unfounded } from './history.js';
import { copyNumber, holderOf, type Layout, layoutOf, messageOf } from './layout.js';
import { type Emit, type Move, type Who, whoOf } from './move.js';
import { freshNonce } from './names.js';
import { Naming } from './naming.js';
import { Repairs } from './repairs.js';
import { Rows } from './rows.js';
import { endpointOf, type Scenario } from './scenario.js';
import { type Spot, type Step, Steps } from './steps.js';
import { asBytes, emptyEntity, Values, without } from './values.js';

export type { Emit, Move } from './move.js';

type Row = Uint32Array;

export class World {
  readonly layout: Layout;
  readonly values = new Values();
  readonly automaton: Automaton;
  readonly scenario: Scenario;
  readonly naming: Naming;
  /** Ids may be exchanged: nothing depends on their names. */
  readonly isRenamed: boolean;
  /** What has occurred at least once, over everything explored: proof that the model is not empty. */
  readonly occurred = new Set<string>();
  readonly #stores: Stores;
  readonly #steps: Steps;
  readonly #rows: Rows;
  readonly #sink: Sink;
  readonly #repairs: Repairs;
  /** By actor. */
  readonly #who: readonly Who[];
  /** A store that caches what it answered is another one after a read. */
  readonly #readsLeaveMarks: boolean;
  readonly #tellsAlike: boolean;
  readonly #crashes: readonly Move[];
  readonly #losses: readonly Move[];
  /** By what the receipt is worth, and by actor. */
  readonly #acks: Readonly<Record<'held' | 'stale' | 'without', readonly Move[]>>;
  /** The next step told is the one with which a fair world goes on. */
  #isNextFair = false;

  /**
   * `isReduced`: worlds with the same futures are one where that is known (`canon.ts`). `tellsAlike`: also
   * moves are told that lead where others lead, for a schedule that somebody wants to follow: each idle
   * worker takes a message, and a crash is told behind a read too.
   */
  constructor(scenario: Scenario, isReduced = true, tellsAlike = false) {
    this.scenario = scenario;
    this.#tellsAlike = tellsAlike;
    // A version that is a hash of the content is the content's number here, which no renaming follows.
    this.isRenamed = isReduced && scenario.stores.business !== 'content-hash';
    this.layout = layoutOf(scenario);
    this.#stores = new Stores(scenario, this.layout, this.values);
    this.automaton = new Automaton({
      protocolOf: (name) => endpointOf(scenario, name).protocol,
      repairing: scenario.repairing ?? repairing,
      wrongs: scenario.wrongs,
      merges: isReduced,
      occurs: (what) => this.occurred.add(what),
    });
    this.naming = new Naming(this.layout, this.values, this.automaton);
    this.#who = whoOf(this.layout);
    this.#steps = new Steps(scenario, this.layout, this.#stores, this.automaton, this.values);
    this.#rows = new Rows(scenario, this.layout, this.values);
    this.#sink = new Sink(this.#rows);
    this.#repairs = new Repairs(this.#rows, this.automaton);
    const { dedupe, payload } = scenario.stores;
    this.#readsLeaveMarks = [dedupe, payload].includes('negative-cache');
    this.#crashes = this.#byActor('crashes');
    this.#losses = this.#byActor('loses its lease and lives on');
    this.#acks = {
      held: this.#byActor('ack'),
      stale: this.#byActor('ack', 'stale, and takes effect'),
      without: this.#byActor('ack', 'stale, without effect'),
    };
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
    row[layout.payloads] = values.payloads.intern({ bodies, old: {}, orphans: 0 });
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
    const nonce = freshNonce(this.naming.mask(row));
    const fair = this.#furthest(row);
    const hasLimbo = row[layout.limbo] !== 0;
    // Actors of one class that do nothing are alike: one of them begins.
    let hasTaken = false;
    let free = 0;
    for (let actor = 1; actor <= layout.actors; actor++) {
      const place = row[this.#rows.placeAt(actor)] as number;
      if (place !== idle) this.#work(row, actor, place, nonce, actor === fair, emit);
      else if (actor > layout.workers) {
        free ||= actor;
      } else if (!hasTaken || this.#tellsAlike) {
        if (!hasTaken) this.#isNextFair = fair === 0 && !hasLimbo;
        hasTaken = true;
        this.#takes(row, actor, emit);
      }
    }
    const isSinkNext = this.#isNextFair;
    if (hasLimbo) this.#limbo(row, nonce, fair === 0, emit);
    expire(this.#rows, row, this.scenario.stores, emit);
    const hasArrived = this.#sink.takes(row, isSinkNext, emit);
    if (free === 0) return;
    const isRepairNext = isSinkNext && !hasArrived && this.scenario.isOperated === true;
    this.#repairs.begin(row, free, isRepairNext, emit);
  }

  /**
   * The step with which a fair world goes on, without mishap: that of the actor that is furthest; with
   * none at work a late write lands, a message is taken, the sink takes one. False at the end. No repair
   * begins there unless the scenario says so: what the workers leave behind for ever is found also where
   * an operator might look.
   */
  fairMove(row: Row, emit: Emit): boolean {
    let hasMoved = this.isAtWork(row);
    this.moves(row, (next, move, violation, isFair) => {
      if (!isFair) return;
      hasMoved = true;
      emit(next, move, violation, isFair);
    });
    return hasMoved;
  }

  isAtWork(row: Row): boolean {
    return this.#furthest(row) > 0;
  }

  /** The actor that is furthest; 0: none is at work. */
  #furthest(row: Row): number {
    let furthest = 0;
    let most = 0;
    for (let actor = 1; actor <= this.layout.actors; actor++) {
      const rank = this.automaton.rank(row[this.#rows.placeAt(actor)] as number);
      if (rank > most) {
        most = rank;
        furthest = actor;
      }
    }
    return furthest;
  }

  #takes(row: Row, worker: number, emit: Emit): void {
    const { layout, values, automaton } = this;
    let last = 0;
    for (let index = 0; index < layout.copies; index++) {
      const copy = row[layout.firstCopy + index] as number;
      if (copy === 0 || holderOf(layout, copy) !== 0) continue;
      // Two free copies are alike, unless a worker that lost its lease still has a receipt of one.
      const isLikeOthers = !this.#rows.isPointedAt(row, index + 1);
      if (isLikeOthers && copy === last) continue;
      if (isLikeOthers) last = copy;
      const number = messageOf(layout, copy);
      const message = values.messages.value(number);
      const next = this.#rows.from(row);
      next[this.#rows.placeAt(worker)] = automaton.start(number, message, false);
      next[this.#rows.pointerAt(worker)] = index + 1;
      next[layout.firstCopy + index] = copy + worker;
      this.#tell(next, { worker, what: `receives ${message.id}`, note: '' }, null, emit);
    }
  }

  /** A step of somebody's program, or of a fair world where nobody is at work. */
  #tell(next: Row, move: Move, violation: Step['violation'], emit: Emit): void {
    const isFair = this.#isNextFair;
    this.#isNextFair = false;
    emit(next, move, violation, isFair);
  }

  #work(row: Row, actor: number, place: number, nonce: number, isFair: boolean, emit: Emit): void {
    const { layout } = this;
    const spot = this.#steps.spot(place);
    this.#isNextFair = isFair;
    this.#step(row, actor, place, spot, nonce, emit);
    this.#isNextFair = false;
    if ((row[layout.crashes] as number) > 0) this.#mishaps(row, actor, place, spot, emit);
    const mayBeLate = spot.canBeLate && (row[layout.unknowns] as number) > 0;
    if (!mayBeLate || row[layout.limbo] !== 0) return;
    const next = this.#rows.stopped(row, actor);
    next[layout.unknowns] = (row[layout.unknowns] as number) - 1;
    next[layout.limbo] = this.automaton.late(place);
    const { effect, lateMoves } = spot;
    emit(next, lateMoves[actor] as Move, null, false);
    if (effect.kind === 'put-payloads') this.#repeatPut(row, actor, place, effect, nonce, emit);
  }

  #mishaps(row: Row, actor: number, place: number, spot: Spot, emit: Emit): void {
    const { layout } = this;
    // A crash behind a step that only read is a crash before it: no other row would come of it.
    const isNew = this.automaton.afterWrite(place) || this.#readsLeaveMarks;
    if (isNew || this.#tellsAlike) {
      if (!spot.isStruck) this.#occurs(actor, `crash before ${spot.effect.kind}`);
      spot.isStruck = true;
      emit(this.#rows.crashed(row, actor), this.#crashes[actor] as Move, null, false);
    }
    if (this.scenario.wrongs.visibleBeforeDurable) this.#powerCut(row, actor, emit);
    const pointer = row[this.#rows.pointerAt(actor)] as number;
    const copy = pointer === 0 ? 0 : (row[layout.firstCopy + pointer - 1] as number);
    if (copy === 0 || holderOf(layout, copy) !== actor) return;
    const next = this.#rows.from(row);
    next[layout.firstCopy + pointer - 1] = copy - actor;
    next[layout.crashes] = (row[layout.crashes] as number) - 1;
    emit(next, this.#losses[actor] as Move, null, false);
  }

  /** Only a mutant does this: it goes on though its put may still land, under the id that it repeats. */
  #repeatPut(
    row: Row,
    actor: number,
    place: number,
    { kind, payloads }: EffectOf<'put-payloads'>,
    nonce: number,
    emit: Emit,
  ): void {
    if (!this.scenario.wrongs.repeatsPut || payloads === null) return;
    const next = this.#rows.from(row);
    next[this.layout.unknowns] = (row[this.layout.unknowns] as number) - 1;
    next[this.layout.limbo] = this.automaton.late(place);
    const to = this.#steps.after(place, JSON.stringify(payloads), payloads, nonce);
    this.#arrive(next, actor, to);
    const note = 'times out, is still on its way, and was repeated';
    emit(next, { ...this.#by(actor), what: kind, note }, null, false);
  }

  /** Only on a store that shows what is not durable: the last commit of each entity is gone. */
  #powerCut(row: Row, actor: number, emit: Emit): void {
    const { layout, values } = this;
    const next = this.#rows.crashed(row, actor);
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
    emit(
      next,
      { ...this.#by(actor), what: 'loses power', note: 'the last commit was not durable' },
      violation,
      false,
    );
  }

  #step(row: Row, actor: number, place: number, spot: Spot, nonce: number, emit: Emit): void {
    const { effect } = spot;
    if (effect.kind === 'ack') this.#ack(row, actor, place, nonce, emit);
    else if (effect.kind === 'handle') this.#fetch(row, actor, place, effect, nonce, emit);
    else if (effect.kind === 'transact') this.#transact(row, actor, place, spot, nonce, emit);
    else if (effect.kind !== 'register' || this.#mayRegister(effect)) {
      for (const step of this.#steps.of(spot, row, nonce)) {
        this.#answered(row, actor, place, step, nonce, emit);
      }
    }
  }

  /** A consumer by id, of a message whose body lies in the payload store: handling reads a store. */
  #fetch(
    row: Row,
    actor: number,
    place: number,
    effect: EffectOf<'handle'>,
    nonce: number,
    emit: Emit,
  ): void {
    const body = this.#stores.fetch(effect.message, row);
    if (body === null) {
      const next = this.#rows.stopped(row, actor);
      const note = 'the body is not in the payload store: the attempt fails';
      this.#tell(next, { ...this.#by(actor), what: 'handle', note }, null, emit);
      return;
    }
    const outcome = this.#stores.handle(effect, nonce, body);
    const next = this.#rows.from(row);
    this.#arrive(next, actor, this.automaton.feed(place, `t${nonce}`, outcome));
    this.#tell(next, { ...this.#by(actor), what: 'handle', note: 'fetches the body' }, null, emit);
  }

  /** Attempts that collide register for ever; the bound ends that. */
  #mayRegister({ entity }: EffectOf<'register'>): boolean {
    return entity.registry.length < this.scenario.bounds.attempts;
  }

  #answered(row: Row, actor: number, place: number, step: Step, nonce: number, emit: Emit): void {
    const move = step.moves[actor] as Move;
    if (step.isPartial) {
      if ((row[this.layout.crashes] as number) === 0) return;
      const next = this.#rows.crashed(row, actor);
      this.#rows.write(next, step);
      this.#tell(next, move, step.violation, emit);
      return;
    }
    if (this.scenario.wrongs.showsErrors && move.what === 'commit') {
      this.#unanswered(row, actor, place, step, emit);
    }
    if (step.to < 0 && step.result === conflict) {
      this.#occurs(actor, `${move.what} lost the race`);
    }
    const next = this.#rows.from(row);
    this.#rows.write(next, step);
    this.#arrive(next, actor, this.#steps.to(place, step, nonce));
    this.#tell(next, move, step.violation, emit);
  }

  /** The commit takes place, and its caller is told of a time-out, which it catches or not. */
  #unanswered(row: Row, actor: number, place: number, step: Step, emit: Emit): void {
    if ((row[this.layout.unknowns] as number) === 0) return;
    const next = this.#rows.from(row);
    this.#arrive(next, actor, this.automaton.feedError(place));
    this.#rows.write(next, step);
    next[this.layout.unknowns] = (row[this.layout.unknowns] as number) - 1;
    const note = 'takes place, and times out';
    this.#tell(next, { ...this.#by(actor), what: 'commit', note }, step.violation, emit);
  }

  /** The actor stands at `to`; it goes home when its program has ended. */
  #arrive(next: Row, actor: number, to: number): void {
    const { automaton } = this;
    if (automaton.effect(to) !== null) next[this.#rows.placeAt(actor)] = to;
    else if (automaton.hasFailed(to)) this.#rows.stop(next, actor);
    else {
      next[this.#rows.placeAt(actor)] = idle;
      next[this.#rows.pointerAt(actor)] = 0;
    }
  }

  #ack(row: Row, actor: number, place: number, nonce: number, emit: Emit): void {
    const { layout } = this;
    const pointer = row[this.#rows.pointerAt(actor)] as number;
    const copy = pointer === 0 ? 0 : (row[layout.firstCopy + pointer - 1] as number);
    const isStale = copy !== 0 && holderOf(layout, copy) !== actor;
    const to = this.#steps.after(place, '', undefined, nonce);
    if (isStale || copy === 0) {
      const next = this.#rows.from(row);
      this.#arrive(next, actor, to);
      this.#tell(next, this.#acks.without[actor] as Move, null, emit);
    }
    if (copy === 0) return;
    const next = this.#rows.from(row);
    this.#arrive(next, actor, to);
    this.#rows.removeCopy(next, pointer);
    const moves = isStale ? this.#acks.stale : this.#acks.held;
    this.#tell(next, moves[actor] as Move, null, emit);
  }

  #transact(row: Row, actor: number, place: number, spot: Spot, nonce: number, emit: Emit): void {
    const { layout } = this;
    const pointer = row[this.#rows.pointerAt(actor)] as number;
    const copy = pointer === 0 ? 0 : (row[layout.firstCopy + pointer - 1] as number);
    const holder = copy === 0 ? -1 : holderOf(layout, copy);
    if (holder !== actor) {
      const next = this.#rows.from(row);
      this.#arrive(next, actor, this.#steps.after(place, '"gone"', 'gone', nonce));
      this.occurred.add('the copy was gone');
      this.#tell(
        next,
        { ...this.#by(actor), what: 'transact', note: 'the copy is gone' },
        null,
        emit,
      );
    }
    // A lease that has ended and that nobody took over may still hold.
    if (holder !== actor && holder !== 0) return;
    for (const step of this.#steps.of(spot, row, nonce)) {
      const next = this.#rows.from(row);
      this.#rows.write(next, step);
      this.#arrive(next, actor, this.#steps.to(place, step, nonce));
      if (step.result === conflict) this.occurred.add('transact lost the race');
      else this.#rows.removeCopy(next, pointer);
      this.#tell(next, step.moves[actor] as Move, step.violation, emit);
    }
  }

  #limbo(row: Row, nonce: number, isFair: boolean, emit: Emit): void {
    const { layout } = this;
    const place = row[layout.limbo] as number;
    const spot = this.#steps.spot(place);
    const what = spot.effect.kind;
    this.#isNextFair = isFair;
    for (const step of this.#steps.of(spot, row, nonce)) {
      if (step.isPartial) continue;
      const next = this.#rows.from(row);
      this.#rows.write(next, step);
      next[layout.limbo] = 0;
      const isTooLate = step.result === conflict;
      const note = isTooLate ? 'lands too late: its condition fails' : 'lands late';
      this.#tell(next, { worker: 0, what, note }, step.violation, emit);
    }
    const next = this.#rows.from(row);
    next[layout.limbo] = 0;
    this.#tell(next, { worker: 0, what, note: 'never lands' }, null, emit);
  }

  #by(actor: number): Who {
    return this.#who[actor] as Who;
  }

  #byActor(what: string, note = ''): Move[] {
    return this.#who.map((who) => ({ ...who, what, note }));
  }

  #occurs(actor: number, what: string): void {
    this.occurred.add(actor > this.layout.workers ? `repair: ${what}` : what);
  }
}
