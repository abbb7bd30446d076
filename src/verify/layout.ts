/** Where in a state's row which number stands. */
import { type Scenario, sink } from './scenario.js';

/** A row is what the stores hold, then what lies in the queue, then where the programs are. */
export interface Groups {
  /** Where the words of the queue begin; those of the stores come before them. */
  readonly queue: number;
  readonly programs: number;
  readonly width: number;
}

export interface Layout extends Groups {
  readonly workers: number;
  /** Workers, then repairs: these are numbered on, and hold no copy. */
  readonly actors: number;
  readonly history: number;
  readonly payloads: number;
  /** Dedupe records, by endpoint. */
  readonly records: ReadonlyMap<string, number>;
  /** Entities, by `endpoint/key`; the content before the last write follows when reads may be stale. */
  readonly entities: ReadonlyMap<string, number>;
  readonly staleEntities: boolean;
  readonly crashes: number;
  readonly unknowns: number;
  /** A number an actor: 1 + the copy that it holds a receipt of (0: of none). */
  readonly firstPointer: number;
  /** A number a copy: 0 for none, else see `copyNumber`. */
  readonly firstCopy: number;
  readonly copies: number;
  /** The place whose write is on its way though its caller was told of a time-out; 0: none. */
  readonly limbo: number;
  /** A number an actor: its place. */
  readonly firstPlace: number;
}

export function layoutOf(scenario: Scenario): Layout {
  const { endpoints, entered, bounds, stores } = scenario;
  const { workers, repairs = 0 } = bounds;
  const actors = workers + repairs;
  const keys = [...new Set(entered.map(({ key }) => key))];
  const staleEntities =
    stores.business === 'stale' || scenario.wrongs.visibleBeforeDurable === true;
  let queue = 2;
  const records = new Map<string, number>();
  const entities = new Map<string, number>();
  for (const { name } of endpoints) records.set(name, queue++);
  for (const { name } of endpoints) {
    for (const key of keys) {
      entities.set(`${name}/${key}`, queue);
      queue += staleEntities ? 2 : 1;
    }
  }
  const copies =
    entered.length * bounds.copies * endpoints.filter(({ name }) => name !== sink).length;
  const firstCopy = queue + 2 + actors;
  const programs = firstCopy + copies;
  return {
    ...{ history: 0, payloads: 1, records, entities, staleEntities },
    ...{ queue, crashes: queue, unknowns: queue + 1, firstPointer: queue + 2, firstCopy, copies },
    ...{ programs, limbo: programs, firstPlace: programs + 1, width: programs + 1 + actors },
    ...{ workers, actors },
  };
}

/** A copy: its message, and the worker that holds its lease (0: nobody, so it is visible). */
export function copyNumber(layout: Layout, message: number, holder: number): number {
  return 1 + message * (layout.workers + 1) + holder;
}
export function messageOf(layout: Layout, copy: number): number {
  return Math.floor((copy - 1) / (layout.workers + 1));
}
export function holderOf(layout: Layout, copy: number): number {
  return (copy - 1) % (layout.workers + 1);
}
