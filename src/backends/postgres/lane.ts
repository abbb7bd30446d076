/**
 * A group of connections with one queue of operations before it: the group commit.
 *
 * L1 Operations that wait together go in one round trip and one transaction, a call per statement, in
 *    the order of the statements; their promises settle only after the server committed.
 * L2 A condition that does not hold fails its own operation. An error of the server fails the whole
 *    round trip, which then did not happen; after a deadlock or a lost race for locks it is run again.
 * L3 A call is bound when it is sent, so a read answers from a snapshot that began after the last of
 *    its operations was asked.
 * L4 A flush starts when a connection is free: at once when many operations wait, else after a gather
 *    window. What nobody waits for lingers four windows to ride along; what is one of several steps
 *    that a message waits for gathers nothing.
 * L5 Two operations on the same thing (`keysOf`) never share a round trip; later ones wait.
 */
import { OncectlError } from '../../engine/errors.js';
import type { Call } from './batch.js';
import { type Connection, closedError } from './connection.js';
import { wasUndone } from './server-error.js';
import type { Row, Statement } from './statement.js';

export type Urgency = 'at once' | 'now' | 'soon';

/** How many gather windows an operation of each urgency may wait for company. */
const windows: Readonly<Record<Urgency, number>> = { 'at once': 0, now: 1, soon: 4 };

/** As many waiting operations as make gathering pointless. */
const busyAt = 48;
const mostOperations = 500;
const mostBytes = 4 * 1024 * 1024;
const retries = 5;

interface Operation {
  readonly statement: Statement<unknown, unknown>;
  readonly op: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Group {
  readonly statement: Statement<unknown, unknown>;
  readonly operations: Operation[];
}

export interface LaneCounts {
  flushes: number;
  operations: number;
}

export class Lane {
  readonly counts: LaneCounts = { flushes: 0, operations: 0 };
  readonly connections: readonly Connection[];
  readonly #free: Connection[];
  readonly #order: ReadonlyMap<string, number>;
  readonly #gatherMs: number;
  #waiting: Operation[] = [];
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #closed = false;
  #idle: Array<() => void> = [];

  /** `order`: the statements' names, in the order in which a round trip runs them. */
  constructor(connections: readonly Connection[], order: readonly string[], gatherMs: number) {
    this.connections = connections;
    this.#free = [...connections];
    this.#order = new Map(order.map((name, at) => [name, at]));
    this.#gatherMs = gatherMs;
  }

  /** Queues the operation for the next round trip; resolves with its result once it is committed. */
  submit<Op, Result>(statement: Statement<Op, Result>, op: Op, urgency: Urgency): Promise<Result> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({
        statement: statement as unknown as Statement<unknown, unknown>,
        op,
        resolve: resolve as (value: unknown) => void,
        reject,
      });
      const due = performance.now() + this.#gatherMs * windows[urgency];
      if (due < this.#dueAt) this.#dueAt = due;
      this.#schedule();
    });
  }

  /** Takes nothing more, and resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#dueAt = 0;
    this.#schedule();
    if (this.#waiting.length > 0 || this.#free.length < this.connections.length) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    await Promise.all(this.connections.map((connection) => connection.close()));
  }

  #schedule(): void {
    if (this.#waiting.length === 0 || this.#free.length === 0) return;
    const isBusy = this.#waiting.length >= busyAt;
    // A second connection is for a crowd: a few operations do better to wait for the next flush.
    if (this.#free.length < this.connections.length && !isBusy) return;
    const delay = isBusy ? 0 : this.#dueAt - performance.now();
    if (delay <= 0.2) this.#start();
    else this.#arm(delay);
  }

  #arm(delay: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#schedule();
    }, delay);
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const connection = this.#free.pop();
    if (!connection) return;
    const groups = this.#take();
    this.#dueAt = this.#waiting.length > 0 ? 0 : Number.POSITIVE_INFINITY;
    void this.#flush(connection, groups).finally(() => {
      this.#free.push(connection);
      this.#schedule();
      if (this.#waiting.length > 0 || this.#free.length < this.connections.length) return;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  /** What fits into one round trip, by statement; the rest stays waiting. */
  #take(): Group[] {
    const groups = new Map<string, Group>();
    const keys = new Set<string>();
    const kept: Operation[] = [];
    let bytes = 0;
    let count = 0;
    for (const operation of this.#waiting) {
      const { statement, op } = operation;
      const own = statement.keysOf?.(op) ?? [];
      if (count >= mostOperations || bytes >= mostBytes || own.some((key) => keys.has(key))) {
        kept.push(operation);
        continue;
      }
      for (const key of own) keys.add(key);
      bytes += statement.weigh?.(op) ?? 0;
      count++;
      const group = groups.get(statement.name);
      if (group) group.operations.push(operation);
      else groups.set(statement.name, { statement, operations: [operation] });
    }
    this.#waiting = kept;
    for (const { statement, operations } of groups.values()) inOrder(statement, operations);
    const rank = ({ statement }: Group) => this.#order.get(statement.name) ?? 0;
    return [...groups.values()].sort((left, right) => rank(left) - rank(right));
  }

  async #flush(connection: Connection, groups: readonly Group[]): Promise<void> {
    for (const { operations } of groups) this.counts.operations += operations.length;
    for (let attempt = 1; ; attempt++) {
      try {
        const rows = await this.#call(connection, groups);
        for (const group of groups) settle(group, rows.get(group) ?? []);
        return;
      } catch (error) {
        for (const { statement, operations } of groups) {
          statement.failed?.(operations.map(({ op }) => op));
        }
        const cause = error instanceof OncectlError ? error.cause : error;
        if (wasUndone(cause) && attempt < retries) continue;
        for (const { operations } of groups) {
          for (const operation of operations) operation.reject(error);
        }
        return;
      }
    }
  }

  async #call(connection: Connection, groups: readonly Group[]): Promise<Answers> {
    this.counts.flushes++;
    const positions = new Map<Group, number>();
    const rows = await connection.run(() => {
      const calls: Call[] = [];
      for (const group of groups) {
        const { name, prelude } = group.statement;
        const ops = group.operations.map(({ op }) => op);
        const before = prelude?.bind(ops) ?? null;
        if (prelude && before) calls.push({ name: prelude.name, values: before });
        positions.set(group, calls.length);
        calls.push({ name, values: group.statement.bind(ops) });
      }
      return calls;
    });
    return new Map(groups.map((group) => [group, rows[positions.get(group) ?? 0] ?? []]));
  }
}

type Answers = ReadonlyMap<Group, readonly Row[]>;

function inOrder(statement: Group['statement'], operations: Operation[]): void {
  const { order } = statement;
  if (!order || operations.length < 2) return;
  const places = new Map(operations.map((operation) => [operation, order(operation.op)]));
  const place = (operation: Operation) => places.get(operation) ?? '';
  operations.sort((left, right) => (place(left) < place(right) ? -1 : 1));
}

/** A lost race or a refusal is the operation's own result (L2). */
function settle({ statement, operations }: Group, rows: readonly Row[]): void {
  const results = statement.read(
    operations.map(({ op }) => op),
    rows,
  );
  operations.forEach((operation, at) => {
    const result = results[at];
    if (result instanceof OncectlError) operation.reject(result);
    else operation.resolve(result);
  });
}
