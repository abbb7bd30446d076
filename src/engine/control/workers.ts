/**
 * Which workers are at it, and what each tells of itself: a cell for each worker, and one cell that says
 * whose they are. A beat is one write to a cell that nobody else writes, so workers never wait for one
 * another. Cells are numbered from 0 and used again: there are as many as ever worked at once.
 */
import { Conflict } from '../errors.js';
import type { Cells } from './cells.js';

/** What a worker tells of one endpoint; the figures are of its last interval. */
export interface EndpointPulse {
  /** Messages committed. */
  readonly handled: number;
  readonly perSecond: number;
  /** From being sent to being committed, microseconds; null when nothing was handled. */
  readonly p99: number | null;
  /** The last one since it began; null for none. */
  readonly lastError: PulseError | null;
}

export interface PulseError {
  readonly at: number;
  readonly text: string;
  /** null: nothing could be received. */
  readonly messageId: string | null;
}

export interface Pulse {
  /** Name in the records that it writes. */
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** When it began. Milliseconds since the epoch. */
  readonly since: number;
  /** When it told this. */
  readonly at: number;
  readonly endpoints: Readonly<Record<string, EndpointPulse>>;
}

/** Whose a cell is. */
interface Owner {
  readonly id: string;
  readonly since: number;
}

type Owners = Readonly<Record<string, Owner>>;

interface Told {
  readonly id: string;
  readonly pulse: Pulse;
}

const roster = 'workers';
/** Who was silent for so long is taken off the roster, and the cell is used again. */
const forgottenAfterMs = 3600 * 1000;

/** All that are on the roster, also those that fell silent less than an hour ago. */
export async function readWorkers(cells: Cells): Promise<readonly Pulse[]> {
  const { value } = await cells.read<Owners>(roster);
  const told = await Promise.all(
    Object.entries(value ?? {}).map(async ([cell, { id }]) => {
      const found = (await cells.read<Told>(nameOf(cell))).value;
      return found?.id === id ? found.pulse : null;
    }),
  );
  return told.filter((pulse) => pulse !== null);
}

/** One worker's place on the roster. */
export class RosterPlace {
  readonly #cells: Cells;
  readonly #id: string;
  #cell: string | null = null;
  #version = 0;

  /** `id` must differ from every other worker's. */
  constructor(cells: Cells, id: string) {
    this.#cells = cells;
    this.#id = id;
  }

  /** One write, but for the first. Rejects with the store's error; the next beat makes up for it. */
  async beat(pulse: Pulse): Promise<void> {
    if (this.#cell === null) await this.#enter(pulse);
    try {
      await this.#write(pulse);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      // An earlier write got through unheard, or the place was given to another after a long silence.
      const { value, version } = await this.#cells.read<Told>(nameOf(this.#cell ?? ''));
      this.#version = version;
      if (value?.id !== this.#id) await this.#enter(pulse);
      await this.#write(pulse);
    }
  }

  async leave(): Promise<void> {
    const cell = this.#cell;
    if (cell === null) return;
    this.#cell = null;
    await this.#cells.update<Owners>(roster, (owners) =>
      owners?.[cell]?.id === this.#id ? without(owners, [cell]) : undefined,
    );
  }

  async #write(pulse: Pulse): Promise<void> {
    const told: Told = { id: this.#id, pulse };
    this.#version = await this.#cells.write(nameOf(this.#cell ?? ''), this.#version, told);
  }

  async #enter({ since, at }: Pulse): Promise<void> {
    const silent = await silentSince(this.#cells, at - forgottenAfterMs);
    const entered = await this.#cells.update<Owners>(roster, (owners) => {
      const left = without(
        owners ?? {},
        [...silent].filter(([cell, id]) => owners?.[cell]?.id === id).map(([cell]) => cell),
      );
      if (cellOf(left, this.#id) !== null) return left;
      return { ...left, [firstFree(left)]: { id: this.#id, since } };
    });
    this.#cell = cellOf(entered ?? {}, this.#id);
    this.#version = (await this.#cells.read<Told>(nameOf(this.#cell ?? ''))).version;
  }
}

/** Cells, with their owners, that told nothing after `before`. */
async function silentSince(cells: Cells, before: number): Promise<ReadonlyMap<string, string>> {
  const { value } = await cells.read<Owners>(roster);
  const silent = new Map<string, string>();
  for (const [cell, owner] of Object.entries(value ?? {})) {
    const told = (await cells.read<Told>(nameOf(cell))).value;
    const last = told?.id === owner.id ? told.pulse.at : owner.since;
    if (last < before) silent.set(cell, owner.id);
  }
  return silent;
}

function cellOf(owners: Owners, id: string): string | null {
  return Object.entries(owners).find(([, owner]) => owner.id === id)?.[0] ?? null;
}

function firstFree(owners: Owners): string {
  let cell = 0;
  while (owners[String(cell)] !== undefined) cell++;
  return String(cell);
}

function without(owners: Owners, cells: readonly string[]): Owners {
  return Object.fromEntries(Object.entries(owners).filter(([cell]) => !cells.includes(cell)));
}

function nameOf(cell: string): string {
  return `${roster}/${cell}`;
}
