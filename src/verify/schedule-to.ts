/** The schedule that leads a message to where somebody found it, and on to its end. */
import { OncectlError } from '../engine/errors.js';
import type { ProtocolName } from '../engine/protocols/names.js';
import { protocolSteps, type StepName } from '../engine/protocols/steps.js';
import type { Emit } from './move.js';
import { type Move, World } from './moves.js';
import { type StoreModels, strongStores } from './scenario.js';
import { type Subject, scenarioFor, type TraceFile, traceFileOf } from './trace-file.js';

/** Where a message stands, as its stores and its queue show it. */
export interface Standing {
  readonly protocol: ProtocolName;
  /** The last step of the protocol's ladder that is done; null: none is. */
  readonly doneUpTo: StepName | null;
  /** How often it was received. */
  readonly receives: number;
  /** Attempts before the last one that the registry still tells of (register-commit-publish). */
  readonly registered: number;
  /** In a queue, or a dead letter. */
  readonly hasCopy: boolean;
  /** A repair moves it on, for nothing else will. */
  readonly isRepaired: boolean;
}

/** More receives than these tell nothing new: an attempt that left nothing is like another one. */
const mostAttempts = 8;
const mostSteps = 1000;

/**
 * Every attempt is a worker that receives the message, takes steps and crashes: the last one behind
 * `doneUpTo`, those before behind `register` where the registry tells of them, else before their first
 * step. Then another worker receives it, or a repair begins, and everything comes to rest. All moves are
 * the explorer's own.
 *
 * @param text what the schedule is of
 * @throws OncectlError `refused` when no schedule of the protocol leads there
 */
export function scheduleTo(standing: Standing, text: string): TraceFile {
  const stops = stopsOf(standing);
  const subject = subjectOf(standing, stops.length);
  const lead = new Lead(subject);
  const first = { worker: 1 };
  for (const stop of stops) {
    lead.take(first, 'receives A');
    lead.steps(first.worker, standing.protocol, stop);
    lead.take(first, 'crashes');
  }
  if (standing.isRepaired) {
    if (!standing.hasCopy) lead.take({ worker: 0 }, 'the message A expires');
    lead.take({ worker: 0, repair: 1 }, 'begins on A at orders');
    lead.finish();
  }
  if (standing.hasCopy || !standing.isRepaired) {
    lead.take({ worker: stops.length > 0 ? 2 : 1 }, 'receives A');
  }
  lead.comeToRest();
  return traceFileOf(subject, { invariant: null, text, trace: lead.trace });
}

/** Behind which step each attempt crashes; none for a message that is done, or was never received. */
function stopsOf(standing: Standing): readonly (StepName | null)[] {
  const { protocol, doneUpTo, receives, registered } = standing;
  if (doneUpTo === protocolSteps[protocol].at(-1)) return [];
  const known = registered + (doneUpTo === null ? 0 : 1);
  if (known > mostAttempts) {
    refuse(`${registered} attempts are registered, and a trace takes ${mostAttempts}`);
  }
  const others = Math.max(0, Math.min(receives, mostAttempts) - known);
  return [
    ...Array<null>(others).fill(null),
    ...Array<StepName>(registered).fill('register'),
    ...(doneUpTo === null ? [] : [doneUpTo]),
  ];
}

function subjectOf({ protocol, hasCopy, isRepaired }: Standing, crashes: number): Subject {
  const bounds = { workers: 2, copies: 1, crashes, unknowns: 0, attempts: crashes + 1 };
  const stores: StoreModels =
    isRepaired && !hasCopy ? { ...strongStores, broker: 'expiry' } : strongStores;
  return {
    ...{ protocol, mutant: null, producer: null, messages: 1, entities: 'one entity', stores },
    bounds: isRepaired ? { ...bounds, repairs: 1 } : bounds,
  };
}

/** A world that goes where it is led, by its own moves. */
class Lead {
  readonly trace: Move[] = [];
  readonly #world: World;
  #row: Uint32Array;

  constructor(subject: Subject) {
    this.#world = new World(scenarioFor(subject), true, true);
    this.#row = this.#world.start();
  }

  take(who: Pick<Move, 'worker' | 'repair'>, what: string): void {
    const isIt = (move: Move) =>
      move.worker === who.worker && move.repair === who.repair && move.what === what;
    if (!this.#follow((emit) => this.#world.moves(this.#row, emit), isIt)) cannot(what);
  }

  /** The worker's steps without mishap, up to this one. */
  steps(worker: number, protocol: ProtocolName, last: StepName | null): void {
    if (last === null) return;
    const ladder = protocolSteps[protocol];
    // The handler runs in one move with the read before it.
    const steps = ladder.slice(0, ladder.indexOf(last) + 1).filter((step) => step !== 'handle');
    for (const step of steps) {
      const isIt = (move: Move) => move.worker === worker && move.what === step;
      if (!this.#fair(isIt)) cannot(step);
    }
  }

  /** Whoever is at work comes to its end. */
  finish(): void {
    while (this.#world.isAtWork(this.#row)) this.#goOn();
  }

  comeToRest(): void {
    while (this.#goOn());
  }

  #goOn(): boolean {
    if (this.trace.length > mostSteps) {
      throw new OncectlError('bug', `a schedule of ${mostSteps} steps did not come to rest`);
    }
    return this.#fair(() => true);
  }

  #fair(isIt: (move: Move) => boolean): boolean {
    return this.#follow((emit) => void this.#world.fairMove(this.#row, emit), isIt);
  }

  /** Takes the first such move; false when there is none. */
  #follow(moves: (emit: Emit) => void, isIt: (move: Move) => boolean): boolean {
    let next: { readonly row: Uint32Array; readonly move: Move } | null = null;
    moves((row, move) => {
      if (isIt(move)) next ??= { row: row.slice(), move };
    });
    const taken = next as { readonly row: Uint32Array; readonly move: Move } | null;
    if (!taken) return false;
    this.#row = taken.row;
    this.trace.push(taken.move);
    return true;
  }
}

function cannot(what: string): never {
  refuse(`"${what}" cannot happen there`);
}

function refuse(why: string): never {
  throw new OncectlError('refused', `no schedule of this protocol leads there: ${why}`, {
    about: '--as-trace',
    hint: 'inspect it without --as-trace: its stores show what was not foreseen',
  });
}
