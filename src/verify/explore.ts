/**
 * Breadth first over every world that can be reached: so the first violation found is one of the
 * fewest steps. States are rows of numbers, equal up to the order of workers and of copies.
 */

import { Canon, equal } from './canon.js';
import { judgeRest } from './end.js';
import { type Evidence, evidenceOf } from './evidence.js';
import type { Invariant, Violation } from './history.js';
import { type Move, World } from './moves.js';
import { NumberList } from './number-list.js';
import type { Scenario } from './scenario.js';
import { type View, viewOf } from './view.js';
import { Visited } from './visited.js';

export interface Limits {
  /** Invariants that are not judged: the tests see that each mutant then gets through. */
  readonly unjudged?: readonly Invariant[];
  /** Keeps apart what the reduction makes one: the tests see that nothing is lost by it. */
  readonly unreduced?: true;
  /** Ends the search unfinished after this many ms. */
  readonly timeMs: number;
  readonly mostStates: number;
  /** Called about four times a second; other work of the process runs then too. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly states: number;
  readonly depth: number;
  readonly ms: number;
}

export interface Found extends Violation {
  readonly trace: readonly Move[];
  /** What the world holds before the first step, and after each. */
  readonly views: readonly View[];
  /** What the schedule leaves behind, for the bench's audit. */
  readonly evidence: Evidence;
}

export interface Explored extends Progress {
  readonly verdict: 'holds' | 'violated' | 'not exhausted';
  readonly found: Found | null;
  /** Most orphaned payloads in any world at rest. */
  readonly orphans: number;
  readonly rests: number;
  /** Places of the automaton: how often a program really ran. */
  readonly places: number;
  readonly occurred: ReadonlySet<string>;
}

const statesBetweenLooks = 1024;
const msBetweenLooks = 250;

type IsIt = (next: Uint32Array, violation: Violation | null) => boolean;

/** Explores until everything was seen, an invariant breaks, or a limit is met. */
export function explore(scenario: Scenario, limits: Limits): Promise<Explored> {
  return new Search(scenario, limits).run();
}

class Search {
  readonly #world: World;
  readonly #canon: Canon;
  readonly #visited: Visited;
  readonly #limits: Limits;
  readonly #from = performance.now();
  #lookedAt = 0;
  #depth = 0;
  #orphans = 0;
  #rests = 0;
  /** For each state the one that it was first reached from; -1 for the beginning. */
  readonly #parents = new NumberList();
  /** For each state the one with which a fair world goes on; else `atRest` or `cutOff`. */
  readonly #fair = new NumberList();

  constructor(scenario: Scenario, limits: Limits) {
    this.#world = new World(scenario, !limits.unreduced);
    this.#canon = new Canon(this.#world);
    this.#visited = new Visited(this.#world.layout);
    this.#limits = limits;
  }

  async run(): Promise<Explored> {
    const visited = this.#visited;
    const row = new Uint32Array(this.#world.layout.width);
    this.#reach(this.#world.start(), -1);
    let levelEnd = 1;
    for (let index = 0; index < visited.size; index++) {
      if (index === levelEnd) {
        levelEnd = visited.size;
        this.#depth++;
      }
      if (index % statesBetweenLooks === 0 && (await this.#isOver()))
        return this.#answer('not exhausted', null);
      visited.read(index, row);
      const found = this.#expand(row, index);
      if (found) return this.#answer('violated', found);
    }
    const stuck = this.#neverEnds();
    return stuck ? this.#answer('violated', stuck) : this.#answer('holds', null);
  }

  /** The number of the state that is equal to `row`. */
  #reach(row: Uint32Array, from: number): number {
    const index = this.#visited.add(this.#canon.sort(row));
    if (index === this.#parents.length) this.#parents.push(from);
    return index;
  }

  #expand(row: Uint32Array, index: number): Found | null {
    let broken: Violation | null = null;
    let brokenBy: Move | null = null;
    let fair = this.#world.isAtWork(row) ? cutOff : atRest;
    this.#world.moves(row, (next, move, violation, isFair) => {
      if (broken) return;
      if (violation && this.#isJudged(violation)) {
        broken = violation;
        brokenBy = move;
        return;
      }
      const to = this.#reach(next, index);
      if (isFair) fair = to;
    });
    if (broken) return this.#traced(index, broken, brokenBy);
    this.#fair.push(fair);
    return fair === atRest ? this.#judgeRest(row, index) : null;
  }

  #judgeRest(row: Uint32Array, index: number): Found | null {
    const { violation, orphans } = judgeRest(this.#world, row);
    this.#rests++;
    this.#orphans = Math.max(this.#orphans, orphans);
    return violation && this.#isJudged(violation) ? this.#traced(index, violation, null) : null;
  }

  /** Progress: follows every state's fair way; one that runs in a circle never ends. */
  #neverEnds(): Found | null {
    const isGood = new Uint8Array(this.#visited.size);
    for (let index = 0; index < this.#visited.size; index++) {
      const way: number[] = [];
      let at = index;
      while (at >= 0 && isGood[at] === 0) {
        isGood[at] = 2;
        way.push(at);
        at = this.#fair.at(at);
      }
      if (at >= 0 && isGood[at] === 2) {
        const text = 'from here even a fair world runs in a circle';
        return this.#traced(index, { invariant: 'progress', text }, null);
      }
      for (const one of way) isGood[one] = 1;
    }
    return null;
  }

  /**
   * The way to state `index`, replayed on rows that are not sorted, so that a worker keeps its number:
   * of the moves from each row the first is taken that leads to the next state.
   */
  #traced(index: number, violation: Violation, last: Move | null): Found {
    const way: number[] = [];
    for (let at = index; at >= 0; at = this.#parents.at(at)) way.unshift(at);
    const trace: Move[] = [];
    const rows = [this.#world.start()];
    const wanted = new Uint32Array(this.#world.layout.width);
    for (const state of way.slice(1)) {
      this.#visited.read(state, wanted);
      const isIt = (next: Uint32Array) => equal(this.#canon.sort(next.slice()), wanted);
      const isAlike = (next: Uint32Array) => this.#canon.areAlike(next, wanted);
      if (!this.#follow(rows, trace, isIt)) this.#mustFollow(rows, trace, isAlike);
    }
    const told = this.#told(rows, trace, violation, last);
    const isAtRest = last === null && violation.invariant !== 'progress';
    const evidence = evidenceOf(this.#world, rows, isAtRest);
    const views = rows.map((one) => viewOf(this.#world, one));
    return { ...told, trace, views, evidence };
  }

  /** The violation once more, in the names of the trace; the step that breaks it is put behind. */
  #told(rows: Uint32Array[], trace: Move[], violation: Violation, last: Move | null): Violation {
    let told = violation;
    if (last) {
      this.#mustFollow(rows, trace, (_next, broken) => {
        if (broken?.invariant !== violation.invariant) return false;
        told = broken;
        return true;
      });
    } else if (violation.invariant !== 'progress') {
      told = judgeRest(this.#world, rows.at(-1) as Uint32Array).violation ?? violation;
    }
    return told;
  }

  /** Takes the first move from the last row that is the one; answers whether there is one. */
  #follow(rows: Uint32Array[], trace: Move[], isIt: IsIt): boolean {
    const before = rows.length;
    this.#world.moves(rows[before - 1] as Uint32Array, (next, move, violation) => {
      if (rows.length > before || !isIt(next, violation)) return;
      rows.push(next.slice());
      trace.push(move);
    });
    return rows.length > before;
  }

  #mustFollow(rows: Uint32Array[], trace: Move[], isIt: IsIt): void {
    if (this.#follow(rows, trace, isIt)) return;
    throw new Error('a step of the trace cannot be found again');
  }

  async #isOver(): Promise<boolean> {
    const progress = this.#progress();
    const { onProgress, timeMs, mostStates } = this.#limits;
    if (progress.ms - this.#lookedAt > msBetweenLooks) {
      this.#lookedAt = progress.ms;
      onProgress?.(progress);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return progress.ms > timeMs || progress.states > mostStates;
  }

  #isJudged(violation: Violation): boolean {
    return !this.#limits.unjudged?.includes(violation.invariant);
  }

  #progress(): Progress {
    const ms = performance.now() - this.#from;
    return { states: this.#visited.size, depth: this.#depth, ms };
  }

  #answer(verdict: Explored['verdict'], found: Found | null): Explored {
    const { occurred, automaton } = this.#world;
    const counted = { orphans: this.#orphans, rests: this.#rests, places: automaton.places };
    return { ...this.#progress(), verdict, found, ...counted, occurred };
  }
}

const atRest = -1;
/** A bound forbids every further step: this is where the exploration ends, not the protocol. */
const cutOff = -2;
