/** The conductor's side of the worker processes: orders, answers, kills. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OncectlError } from '../engine/errors.js';
import type { Order, Report, WorkerConfig } from './messages.js';

const longestAnswerMs = 30_000;

/** One worker of the schedule. A process that was killed is followed by a fresh one. */
export class Worker {
  readonly #config: WorkerConfig;
  #child: ChildProcess | null = null;
  #answer: ((report: Report | Error) => void) | null = null;
  kills = 0;

  constructor(config: WorkerConfig) {
    this.#config = config;
  }

  async start(): Promise<void> {
    const file = fileURLToPath(new URL('./worker.js', import.meta.url));
    // Standard error goes to ours: a crash in native code has no other way to speak.
    const child = fork(file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    child.on('message', (report: Report) => this.#take(report));
    child.once('exit', () => {
      if (this.#child === child) this.#take(new Error('it ended'));
    });
    const did = await this.order({ type: 'configure', config: this.#config });
    if (did !== 'ready') throw new OncectlError('bug', `a worker of the replay: ${did}`);
  }

  /** What the worker did. */
  order(order: Order): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        const what = `${this.#config.name} does not answer to "${order.type}": ${why}`;
        reject(new OncectlError('bug', what, { about: 'the replay' }));
      };
      const timer = setTimeout(
        () => fail(`${longestAnswerMs / 1000} s have passed`),
        longestAnswerMs,
      );
      this.#answer = (report) => {
        clearTimeout(timer);
        if (report instanceof Error) fail(report.message);
        else resolve(report.did);
      };
      this.#child?.send(order);
    });
  }

  /** SIGKILL, and a fresh process in its place. */
  async kill(): Promise<void> {
    this.kills++;
    await this.end();
    await this.start();
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = null;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  #take(report: Report | Error): void {
    const answer = this.#answer;
    this.#answer = null;
    answer?.(report);
  }
}
