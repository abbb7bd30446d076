/** Takes the moves of a schedule to the processes that make them. */
import type { EmbeddedDeployment } from '../backends/embedded/index.js';
import type { Move, TraceFile, Violation } from '../verify/index.js';
import { Worker } from './crew.js';
import { type How, words } from './messages.js';
import type { Receiver } from './receiver.js';

const queue = 'orders';
const visibilityMs = 1500;
const pollMs = 10;
const longestLeaseMs = 30_000;
const longestRestMs = 20_000;

export interface ConductorOptions {
  readonly deployment: EmbeddedDeployment;
  readonly receiver: Receiver;
  readonly folder: string;
  readonly mutant: string | null;
  readonly file: TraceFile;
}

export class Conductor {
  readonly violations: Violation[] = [];
  divergedAt: number | null = null;
  readonly #options: ConductorOptions;
  readonly #workers: Worker[];
  /** Workers whose lease keeps a copy invisible. */
  readonly #holding = new Set<number>();
  /** The worker whose write is still on its way. */
  #late = 0;

  constructor(options: ConductorOptions) {
    this.#options = options;
    const { folder, mutant, file } = options;
    this.#workers = Array.from({ length: file.bounds.workers }, (_, index) => {
      const name = `w${index + 1}`;
      return new Worker({ folder, name, protocol: file.protocol, mutant, visibilityMs });
    });
  }

  get kills(): number {
    return this.#workers.reduce((sum, { kills }) => sum + kills, 0);
  }

  async begin(): Promise<void> {
    // One after another: an opening waits for writes, and these wait for openings.
    for (const worker of this.#workers) await worker.start();
  }

  /** What came of the move on the real stores. */
  async take(move: Move, index: number): Promise<string> {
    const did = move.worker === 0 ? await this.#world(move) : await this.#work(move);
    if (did !== move.what) this.divergedAt ??= index;
    return did === move.what ? '' : did;
  }

  /** Lets everybody finish by itself; false when they do not come to an end. */
  async comeToRest(): Promise<boolean> {
    for (const worker of this.#workers) await worker.order({ type: 'free' });
    const isDrained = await this.#until(longestRestMs, ({ visible, inFlight, delayed }) => {
      return visible + inFlight + delayed === 0;
    });
    if (!isDrained) return false;
    for (const worker of this.#workers) await worker.order({ type: 'rest' });
    return true;
  }

  async end(): Promise<void> {
    for (const worker of this.#workers) await worker.end();
  }

  async #world({ what, note }: Move): Promise<string> {
    if (what.startsWith('the receiver takes')) {
      const { did, violation } = await this.#options.receiver.take();
      if (violation) this.violations.push(violation);
      return did.startsWith('takes') ? what : did;
    }
    if (this.#late === 0) return 'nothing is on its way';
    const worker = this.#workers[this.#late - 1] as Worker;
    this.#late = 0;
    const did = await worker.order({ type: 'land', takesPlace: note !== 'never lands' });
    const isTooLate = did === words.lostRace && note.startsWith('lands too late');
    return did === note || isTooLate ? what : did;
  }

  async #work({ worker: number, what, note }: Move): Promise<string> {
    const worker = this.#workers[number - 1] as Worker;
    if (what === 'crashes') return this.#crash(number, what);
    if (what === 'loses its lease and lives on') {
      await worker.order({ type: 'lose-lease' });
      return this.#leaseEnds(number, what);
    }
    if (what.startsWith('receives ')) {
      const did = await worker.order({ type: 'receive', messageId: what.slice(9) });
      if (did !== words.received) return did;
      this.#holding.add(number);
      return what;
    }
    return this.#step(worker, number, what, note);
  }

  async #step(worker: Worker, number: number, what: string, note: string): Promise<string> {
    const [, first] = /^(\d+) of \d+, then crashes$/.exec(note) ?? [];
    const isLate = note.startsWith('times out');
    const how: How = isLate ? 'times out' : first ? { first: Number(first) } : 'whole';
    if (isLate) this.#late = number;
    const did = await worker.order({ type: 'step', how });
    if (first) return this.#crash(number, what);
    if (isLate) {
      // It has given the message back, as a worker does whose write failed.
      return this.#leaseEnds(number, did.startsWith(words.failed) ? what : did);
    }
    if (did === 'ack' || did === 'transact' || did.startsWith(words.failed)) {
      this.#holding.delete(number);
    }
    return did === words.lostRace && note === words.lostRace ? what : did;
  }

  async #crash(number: number, did: string): Promise<string> {
    await (this.#workers[number - 1] as Worker).kill();
    if (this.#late === number) this.#late = 0;
    return this.#leaseEnds(number, did);
  }

  /** Waits until the copy that this worker held can be received again. */
  async #leaseEnds(number: number, did: string): Promise<string> {
    this.#holding.delete(number);
    const isBack = await this.#until(longestLeaseMs, ({ inFlight, delayed }) => {
      return inFlight + delayed <= this.#holding.size;
    });
    return isBack ? did : 'the lease does not end';
  }

  async #until(
    longestMs: number,
    holds: (depth: { visible: number; inFlight: number; delayed: number }) => boolean,
  ): Promise<boolean> {
    const { broker } = this.#options.deployment.ports;
    for (const until = Date.now() + longestMs; Date.now() < until; ) {
      if (holds(await broker.depth(queue))) return true;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return false;
  }
}
