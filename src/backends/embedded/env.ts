/**
 * One LMDB environment, and the group commit in front of it.
 *
 * Owns: the queue of operations that wait for the next flush. The tables (`*-tables.ts`) own what an
 * operation does; LMDB owns durability. Calls go tables -> Env -> LMDB, never back.
 *
 * E1 An operation runs whole inside one write transaction, and its promise settles only after that
 *    transaction is durable. Other processes see it no earlier (`overlappingSync: false`).
 * E2 Operations check before they write, so that a `Conflict` fails only its own operation. Any other
 *    error fails the whole flush as `unknown`: lmdb commits what ran before a callback threw.
 * E3 A read answers from a snapshot that began after the call began (`resetReadTxn`).
 * E4 One flush at a time. A flush gathers for `gatherMs` only when few operations wait; what nobody
 *    waits for (acks, removals, dedupe records) lingers up to four times as long to ride along; a
 *    step between others that a message waits for does not gather at all.
 * E5 No write while another process opens the deployment: the gate tells why.
 */
import { type Database, open, type RootDatabase } from 'lmdb';
import { OncectlError } from '../../engine/errors.js';
import { refuseForeign } from './file-header.js';
import type { Gate, Pass } from './gate.js';
import { MapSize, mapFull } from './map-size.js';
import { causeOf, storageError } from './storage-error.js';

export interface EnvOptions {
  readonly path: string;
  readonly gate: Gate;
  readonly gatherMs: number;
  readonly mapSizeBytes: number;
  /** Only for the benchmark and tests that show what goes wrong without. */
  readonly overlappingSync?: boolean;
}

/**
 * `at once`: one of several steps that a message waits for one after the other, so it gathers nothing.
 * `now`: a message waits for it. `soon`: nobody waits; it may ride along with another flush.
 */
export type Urgency = 'at once' | 'now' | 'soon';

/** How many gather windows an operation of each urgency may wait for company. */
const windows: Readonly<Record<Urgency, number>> = { 'at once': 0, now: 1, soon: 4 };

/** Operations that free room still pass when the store has reached its largest size. */
export type Room = 'takes' | 'frees';

interface Operation {
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** As many waiting operations as make gathering pointless. */
const busyAt = 48;

export class Env {
  readonly root: RootDatabase<Buffer, string>;
  readonly path: string;
  /** Flushes and operations so far: operations per transaction is what makes LMDB fast. */
  readonly counts = { flushes: 0, operations: 0 };
  /** A test's hand on the flush: awaited after the operations ran, before anything is committed. */
  hold: (() => Promise<void>) | null = null;
  /** Told the end of each flush, before its operations are; the broker hands over messages here. */
  afterCommit: ((durable: boolean) => void) | null = null;

  readonly #gate: Gate;
  readonly #gatherMs: number;
  readonly #size: MapSize;
  #waiting: Operation[] = [];
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #flushing = false;
  #idle: Array<() => void> = [];

  constructor(options: EnvOptions) {
    this.path = options.path;
    this.#gate = options.gate;
    this.#gatherMs = options.gatherMs;
    refuseForeign(options.path);
    try {
      this.root = open<Buffer, string>({
        path: options.path,
        noSubdir: true,
        encoding: 'binary',
        mapSize: options.mapSizeBytes,
        maxDbs: 16,
        maxReaders: 256,
        overlappingSync: options.overlappingSync ?? false,
        eventTurnBatching: false,
      } as Parameters<typeof open>[0]) as RootDatabase<Buffer, string>;
    } catch (error) {
      throw storageError(error, options.path, 'no');
    }
    this.#size = new MapSize(this.root, options.mapSizeBytes);
  }

  table(name: string): Database<Buffer, string> {
    return this.root.openDB<Buffer, string>({ name, encoding: 'binary' });
  }

  /** Runs `look` on a fresh snapshot (E3). */
  read<T>(look: () => T): T {
    try {
      this.root.resetReadTxn();
      return look();
    } catch (error) {
      throw storageError(error, this.path, 'no');
    }
  }

  /** Queues `run` for the next flush; resolves with its result once that is durable (E1). */
  write<T>(run: () => T, urgency: Urgency, room: Room = 'takes'): Promise<T> {
    if (room === 'takes' && this.#size.isFull()) return Promise.reject(mapFull(this.path));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, resolve: resolve as (value: unknown) => void, reject });
      const due = performance.now() + this.#gatherMs * windows[urgency];
      if (!this.#flushing) this.#schedule(due);
      else this.#dueAt = Math.min(this.#dueAt, due);
    });
  }

  /** A transaction is under way, or waits for the writer's lock. */
  get isFlushing(): boolean {
    return this.#flushing;
  }

  /** Resolves when nothing waits for a flush any more. */
  idle(): Promise<void> {
    if (!this.#flushing && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Frees the slots of killed readers, which otherwise keep LMDB from reusing pages. */
  checkReaders(): void {
    this.root.readerCheck();
  }

  async close(): Promise<void> {
    await this.idle();
    await this.root.close();
  }

  #schedule(due: number): void {
    if (this.#waiting.length >= busyAt) {
      this.#start();
      return;
    }
    if (due >= this.#dueAt) return;
    this.#dueAt = due;
    this.#arm();
  }

  #arm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const delay = this.#dueAt - performance.now();
    if (delay <= 0.2) this.#start();
    else this.#timer = setTimeout(() => this.#start(), delay);
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
    if (this.#flushing) return;
    this.#flushing = true;
    void this.#flush(this.#takeWaiting());
  }

  #takeWaiting(): Operation[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  async #flush(operations: Operation[]): Promise<void> {
    const results: unknown[] = new Array(operations.length);
    try {
      await this.#transact(operations, results);
    } catch (error) {
      this.afterCommit?.(false);
      const failure = storageError(await causeOf(error), this.path, 'unknown');
      for (const operation of operations) operation.reject(failure);
      this.#next();
      return;
    }
    this.counts.flushes++;
    this.counts.operations += operations.length;
    this.#size.afterFlush();
    this.afterCommit?.(true);
    for (let index = 0; index < operations.length; index++) {
      const result = results[index];
      if (result instanceof OncectlError) operations[index]?.reject(result);
      else operations[index]?.resolve(result);
    }
    this.#next();
  }

  async #transact(operations: Operation[], results: unknown[]): Promise<void> {
    while (!(await this.#tryTransact(operations, results))) await this.#gate.settle();
  }

  /** False when the gate let it write nothing. */
  async #tryTransact(operations: Operation[], results: unknown[]): Promise<boolean> {
    let pass: Pass | null = null;
    let failure: unknown = null;
    try {
      await this.root.transaction(() => {
        try {
          pass = this.#gate.enter();
          if (!pass) return undefined;
          for (let index = 0; index < operations.length; index++) {
            results[index] = attempt(operations[index] as Operation);
          }
        } catch (error) {
          failure = error;
          throw error;
        }
        return this.hold?.();
      });
    } finally {
      (pass as Pass | null)?.leave();
    }
    if (failure) throw failure;
    return pass !== null;
  }

  #next(): void {
    this.#flushing = false;
    if (this.#waiting.length >= busyAt) this.#start();
    else if (this.#waiting.length > 0) this.#arm();
    else for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** A lost race or a refusal is the operation's own result (E2); anything else ends the flush. */
function attempt(operation: Operation): unknown {
  try {
    return operation.run();
  } catch (error) {
    if (error instanceof OncectlError) return error;
    throw error;
  }
}
