/** The worker processes of a run: a killed one is restarted, its orders go to its successor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOncectlError } from '../engine/errors.js';
import { ProcessHandle } from './processes/handle.js';
import type {
  FromProcess,
  ProcessConfig,
  Report,
  Strike,
  Struck,
  ToProcess,
} from './processes/messages.js';

export interface PoolEvents {
  /** A strike hit; told by the worker, or read from its file after it died of it. */
  readonly struck: (struck: Struck, worker: string) => void;
  readonly resumed: (id: number, counts: boolean) => void;
  readonly handledAgain: (id: number, at: number) => void;
  readonly warning: (message: string) => void;
  /** A worker ended although nobody ordered it, more often than can be a fault. */
  readonly lost: (reason: string) => void;
}

interface Member {
  readonly index: number;
  handle: ProcessHandle | null;
  /** Name of the process now: `worker-1`, then `worker-1.2` after its first restart. */
  generation: number;
  outstanding: Map<number, Strike>;
}

/** Restarts that no ordered kill explains: beyond so many the run is invalid. */
const unexplainedRestarts = 5;
/** How long a store may be away before a worker that has to be started again counts as lost. */
const longestOutageMs = 60_000;
const betweenStartsMs = 500;

export class WorkerPool {
  readonly #config: ProcessConfig;
  readonly #events: PoolEvents;
  readonly #members: Member[];
  readonly #seenStrikes = new Set<number>();
  /** Strike -> endpoint that has not handled a message since. */
  readonly #watches = new Map<number, string>();
  #startAt: number | null = null;
  #stopping = false;
  #unexplained = 0;

  /** Processes are named after `config.name`: `worker-1`, and so on. */
  constructor(config: ProcessConfig, size: number, events: PoolEvents) {
    this.#config = config;
    this.#events = events;
    this.#members = Array.from({ length: size }, (_, index) => ({
      index,
      handle: null,
      generation: 1,
      outstanding: new Map(),
    }));
  }

  get size(): number {
    return this.#members.length;
  }

  /** Starts all; rejects with the first error. */
  async start(): Promise<void> {
    await Promise.all(this.#members.map((member) => this.#launch(member)));
  }

  begin(startAt: number): void {
    this.#startAt = startAt;
    this.#sendAll({ type: 'begin', startAt });
  }

  /** Orders a strike from the worker that has the fewest outstanding. */
  strike(strike: Strike, turn: number): void {
    const start = turn % this.#members.length;
    const inTurn = [...this.#members.slice(start), ...this.#members.slice(0, start)];
    const member = inTurn.reduce((best, one) =>
      one.outstanding.size < best.outstanding.size ? one : best,
    );
    member.outstanding.set(strike.id, strike);
    member.handle?.send({ type: 'strike', strike });
  }

  watch(endpoint: string, id: number): void {
    this.#watches.set(id, endpoint);
    this.#sendAll({ type: 'watch', endpoint, id });
  }

  /** By process name; processes that are gone or busy dying are left out. */
  async reports(): Promise<ReadonlyMap<string, Report>> {
    const handles = this.#members.flatMap(({ handle }) => (handle ? [handle] : []));
    const reports = await Promise.all(handles.map((handle) => handle.report()));
    const found = new Map<string, Report>();
    handles.forEach((handle, index) => {
      const report = reports[index];
      if (report) found.set(handle.name, report);
    });
    return found;
  }

  /** Waits for every worker to finish what is in flight; kills what takes too long. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#sendAll({ type: 'stop', graceMs });
    await Promise.all(this.#members.map(({ handle }) => handle && ended(handle, graceMs + 5000)));
  }

  kill(): void {
    this.#stopping = true;
    for (const { handle } of this.#members) handle?.kill();
  }

  async #launch(member: Member): Promise<void> {
    const base = `${this.#config.name}-${member.index + 1}`;
    const name = member.generation === 1 ? base : `${base}.${member.generation}`;
    const handle = await ProcessHandle.start('worker', { ...this.#config, name });
    member.handle = handle;
    // The run ended while this process was starting: nobody else would end it.
    if (this.#stopping) handle.kill();
    handle.onMessage = (message) => this.#take(member, message);
    void handle.exited.then(() => this.#ended(member, handle));
    if (this.#startAt !== null) handle.send({ type: 'begin', startAt: this.#startAt });
    for (const strike of member.outstanding.values()) handle.send({ type: 'strike', strike });
    for (const [id, endpoint] of this.#watches) handle.send({ type: 'watch', endpoint, id });
  }

  #take(member: Member, message: FromProcess): void {
    if (message.type === 'struck') this.#struck(member, message.struck);
    if (message.type === 'resumed') {
      member.outstanding.delete(message.id);
      this.#events.resumed(message.id, message.counts);
    }
    if (message.type === 'handled-again' && this.#watches.delete(message.id)) {
      this.#events.handledAgain(message.id, message.at);
    }
    if (message.type === 'warning') this.#events.warning(message.message);
    if (message.type === 'failed') this.#events.lost(message.error.message);
  }

  #struck(member: Member, struck: Struck): void {
    if (this.#seenStrikes.has(struck.id)) return;
    this.#seenStrikes.add(struck.id);
    if (struck.kind !== 'stall') member.outstanding.delete(struck.id);
    this.#events.struck(struck, member.handle?.name ?? '');
  }

  #ended(member: Member, handle: ProcessHandle): void {
    if (this.#stopping) return;
    const strikes = strikesOf(this.#config.runFolder, handle.name);
    for (const struck of strikes) this.#struck(member, struck);
    // A stalled worker that was killed meanwhile does not resume.
    for (const struck of strikes) member.outstanding.delete(struck.id);
    if (!strikes.some(({ kind }) => kind === 'kill')) {
      this.#unexplained++;
      this.#events.warning(`${handle.name} ended unexpectedly and is restarted`);
    }
    if (this.#unexplained > unexplainedRestarts) {
      this.#events.lost('workers keep ending unexpectedly; see their logs');
      return;
    }
    member.handle = null;
    void this.#relaunch(member);
  }

  /** A store that cannot be reached while a worker starts comes back, as it does for a running one. */
  async #relaunch(member: Member): Promise<void> {
    for (const until = Date.now() + longestOutageMs; !this.#stopping; ) {
      member.generation++;
      try {
        return await this.#launch(member);
      } catch (thrown) {
        const { kind, message } = asOncectlError(thrown);
        const passes = kind === 'unreachable' || kind === 'timeout';
        if (this.#stopping) return;
        if (!passes || Date.now() > until) return this.#events.lost(message);
        this.#events.warning(`a worker cannot start yet: ${message}`);
        await new Promise((resolve) => setTimeout(resolve, betweenStartsMs));
      }
    }
  }

  #sendAll(order: ToProcess): void {
    for (const { handle } of this.#members) handle?.send(order);
  }
}

function strikesOf(folder: string, worker: string): Struck[] {
  try {
    const text = readFileSync(join(folder, `strikes-${worker}.ndjson`), 'utf8');
    return text
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Struck);
  } catch {
    return [];
  }
}

/** Resolves when the process is gone; kills it when that takes longer than `ms`. */
export async function ended(handle: ProcessHandle, ms: number): Promise<void> {
  const timer = setTimeout(() => handle.kill(), ms);
  await handle.exited;
  clearTimeout(timer);
}
