/**
 * The protocol programs as an automaton, built lazily. A paused generator can be neither copied nor
 * compared; what identifies it is the message it began with and the results fed to it so far. Such a
 * trail is a place, a small number; (place, result) -> place is looked up, and the generator itself
 * runs only the first time, from its start along the trail.
 *
 * Two trails are one place when nothing can tell them apart any more: from here to its end the program
 * is told only what can be foreseen (`foreseen.ts`), so that the list of its effects to come is known,
 * and for both trails it is the same list. What the program knows besides has been read for the last
 * time. Stores, crashes and time-outs see nothing of a program but its effects, so the worlds that hold
 * the one and the other have the same futures, step by step.
 */
import type { Effect, Program } from '../engine/effects.js';
import { OncectlError } from '../engine/errors.js';
import type { Message } from '../engine/message.js';
import { deliver, type Protocol } from '../engine/protocols/index.js';
import { isRead } from '../engine/protocols/steps.js';
import { foreseen } from './foreseen.js';
import { maskOf, noncesIn, type Renaming, renamed, renamedText, shapeOf } from './names.js';
import type { Repair, Wrongs } from './scenario.js';

/** A program, and what it was fed. */
interface Trail {
  readonly message: Message;
  /** The program is a repair's: another one, which ends where it would handle and acks nothing. */
  readonly isRepair: boolean;
  readonly results: readonly unknown[];
  /** The message and the results in words: what the trail is, among all trails. */
  readonly text: string;
  readonly hasHandled: boolean;
}

interface Node extends Trail {
  /** What the program asks for next; null when it has ended. */
  readonly effect: Effect | null;
  /** Nonces that matter to this paused program, in order. */
  readonly nonces: readonly number[];
  /** Equal for places that differ in the names of ids alone. */
  readonly shape: number;
  readonly rank: number;
  /** It is reached by a step that changed a store: a crash here differs from a crash before it. */
  afterWrite: boolean;
  readonly hasFailed: boolean;
  /** Nobody goes on from here: see `late`. */
  readonly isLate: boolean;
  readonly next: Map<string, number>;
}

/** How the program goes on behind a trail. */
interface Run {
  readonly effect: Effect | null;
  readonly hasFailed: boolean;
  /** Its effects to its end, where all of them can be foreseen. */
  readonly rest: readonly Effect[] | null;
}

export interface Programs {
  readonly protocolOf: (endpoint: string) => Protocol;
  readonly repairing: Repair;
  readonly wrongs: Wrongs;
  /** Whether trails that nothing can tell apart are one place. */
  readonly merges: boolean;
  /** Told what shows that the model is not empty. */
  readonly occurs: (what: string) => void;
}

/** What a program is told when it cannot know whether its write took place. */
const failure = new OncectlError('timeout', 'no answer in time', { happened: 'unknown' });

/** The place of a worker that works on nothing. */
export const idle = 0;

/** More effects than any program has to come when it only finishes; a mutant may never end. */
const mostForeseen = 32;

export class Automaton {
  /** By place, bit n: nonce n matters to the paused program. */
  readonly masks: number[] = [0];
  readonly #nodes: Array<Node | null> = [null];
  /** By what a place is: its trail, or what it will do. */
  readonly #byText = new Map<string, number>();
  readonly #shapes = new Map<string, number>();
  readonly #starts = new Map<number, number>();
  readonly #late = new Map<number, number>();
  readonly #programs: Programs;

  constructor(programs: Programs) {
    this.#programs = programs;
  }

  get places(): number {
    return this.#nodes.length;
  }

  /** Step 1 of the delivery of the message with this number, or of a repair that runs on it. */
  start(id: number, message: Message, isRepair: boolean): number {
    const key = 2 * id + Number(isRepair);
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const text = `${isRepair ? 'repair ' : ''}${JSON.stringify(message)}`;
    const trail = { message, isRepair, results: [], text, hasHandled: false };
    const place = this.#placeOf(trail, false);
    this.#starts.set(key, place);
    return place;
  }

  /** Where the program is once `result` was fed to it; `key` names the result among all results. */
  feed(place: number, key: string, result: unknown): number {
    const node = this.#node(place);
    const known = node.next.get(key);
    if (known !== undefined) return known;
    const { kind } = node.effect as Effect;
    const trail = {
      message: node.message,
      isRepair: node.isRepair,
      results: [...node.results, result],
      text: `${node.text}\n${key}`,
      hasHandled: node.hasHandled || kind === 'handle',
    };
    const afterWrite = kind === 'handle' ? node.afterWrite : !isRead(kind);
    const next = this.#placeOf(trail, afterWrite);
    node.next.set(key, next);
    return next;
  }

  /** As `feed`, with an error in place of a result. */
  feedError(place: number): number {
    return this.feed(place, 'no answer', failure);
  }

  /** The same place, were the ids in the world named otherwise. */
  rename(place: number, to: Renaming): number {
    const { message, isRepair, results, text, hasHandled, afterWrite, isLate } = this.#node(place);
    const trail = {
      message: renamed(message, to),
      isRepair,
      results: results.map((result) => renamed(result, to)),
      text: renamedText(text, to),
      hasHandled,
    };
    const renamedPlace = this.#placeOf(trail, afterWrite);
    return isLate ? this.late(renamedPlace) : renamedPlace;
  }

  /** The place for a step that is on its way while nobody waits for it: all that is left is the effect. */
  late(place: number): number {
    const known = this.#late.get(place);
    if (known !== undefined) return known;
    const late = this.#programs.merges ? this.#lateOf(place) : place;
    this.#late.set(place, late);
    return late;
  }

  #lateOf(place: number): number {
    const node = this.#node(place);
    const text = `late ${JSON.stringify(node.effect)}`;
    const nonces = noncesIn(text);
    return this.#byText.get(text) ?? this.#add(text, { ...node, nonces, isLate: true });
  }

  /** The program let the error pass: it has ended, and its message was not handled. */
  hasFailed(place: number): boolean {
    return this.#node(place).hasFailed;
  }

  /** What the program asks for; null when it has ended. */
  effect(place: number): Effect | null {
    return this.#node(place).effect;
  }

  message(place: number): Message {
    return this.#node(place).message;
  }

  isRepair(place: number): boolean {
    return this.#node(place).isRepair;
  }

  /** Of two places, which is further on: first those that only finish, then by results. */
  rank(place: number): number {
    return place === idle ? 0 : this.#node(place).rank;
  }

  afterWrite(place: number): boolean {
    return this.#node(place).afterWrite;
  }

  /** The nonces that matter here, in order. */
  nonces(place: number): readonly number[] {
    return this.#node(place).nonces;
  }

  shape(place: number): number {
    return place === idle ? 0 : this.#node(place).shape;
  }

  #node(place: number): Node {
    const node = this.#nodes[place];
    if (!node) throw new Error(`no place ${place}`);
    return node;
  }

  #placeOf(trail: Trail, afterWrite: boolean): number {
    const known = this.#byText.get(trail.text);
    if (known !== undefined) return this.#again(known, afterWrite);
    const { effect, hasFailed, rest } = this.#run(trail);
    if (rest && !trail.hasHandled && !hasFailed) this.#programs.occurs(endOf(trail, rest));
    const isSettled = rest !== null && this.#programs.merges;
    const end = `${trail.isRepair ? 'repair ' : ''}${hasFailed ? 'failed' : 'then'}`;
    const settled = isSettled ? `${end} ${JSON.stringify(rest)}` : null;
    const alike = settled === null ? undefined : this.#byText.get(settled);
    if (alike !== undefined) {
      this.#byText.set(trail.text, alike);
      return this.#again(alike, afterWrite);
    }
    const what = settled ?? trail.text;
    const nonces = noncesIn(what);
    const rank = rest ? 2 * mostForeseen - rest.length : Math.min(trail.results.length, 31) + 1;
    const told = { effect, hasFailed, nonces, rank, afterWrite };
    const place = this.#add(what, { ...trail, ...told, isLate: false });
    this.#byText.set(trail.text, place);
    return place;
  }

  #add(what: string, node: Omit<Node, 'shape' | 'next'>): number {
    const place = this.#nodes.length;
    this.#nodes.push({ ...node, shape: this.#shapeOf(what), next: new Map() });
    this.masks.push(maskOf(node.nonces));
    this.#byText.set(what, place);
    return place;
  }

  /** A place that is reached by a write once is behind a write: a crash more is tried, never one less. */
  #again(place: number, afterWrite: boolean): number {
    const node = this.#node(place);
    node.afterWrite ||= afterWrite;
    return place;
  }

  #shapeOf(text: string): number {
    const shape = shapeOf(text);
    const known = this.#shapes.get(shape);
    if (known !== undefined) return known;
    this.#shapes.set(shape, this.#shapes.size + 1);
    return this.#shapes.size;
  }

  /** Runs the program from its start along the trail, then on for as long as can be foreseen. */
  #run({ message, isRepair, results }: Trail): Run {
    const protocol = this.#programs.protocolOf(message.endpoint);
    const program = isRepair
      ? this.#programs.repairing(protocol, message)
      : deliver(protocol, message);
    let step: Step = program.next();
    for (const result of results) {
      step = advanced(program, result);
      if (step === failed) return { effect: null, hasFailed: true, rest: [] };
    }
    return {
      effect: step.done ? null : step.value,
      hasFailed: false,
      rest: this.#rest(program, step),
    };
  }

  /** All effects from here to the program's end; null: they depend on what it will be told. */
  #rest(program: Program, from: Step): Effect[] | null {
    const rest: Effect[] = [];
    let step = from;
    while (!step.done && rest.length < mostForeseen) {
      const told = foreseen(step.value, this.#programs.wrongs);
      if (told === null) return null;
      rest.push(step.value);
      step = advanced(program, told[0]);
      if (step === failed) return null;
    }
    return step.done ? rest : null;
  }
}

/** What it shows that a program goes to its end without having run the handler. */
function endOf({ isRepair }: Trail, rest: readonly Effect[]): string {
  if (!isRepair) return 'a duplicate was dropped';
  const isSending = rest.some(({ kind }) => kind === 'dispatch' || kind === 'enter');
  return isSending ? 'repair: sent what was left' : 'repair: found nothing to send';
}

type Step = IteratorResult<Effect, void>;

/** The end of a program that lets the error pass which it was shown. */
const failed: Step = { done: true, value: undefined };

function advanced(program: Program, result: unknown): Step {
  try {
    return result === failure ? program.throw(failure) : program.next(result);
  } catch (error) {
    if (error !== failure) throw error;
    return failed;
  }
}
