/** The bench's side of one of its processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorKind, OncectlError } from '../../engine/errors.js';
import type { FromProcess, ProcessConfig, Report, ToProcess } from './messages.js';

export type Role = 'worker' | 'generator' | 'auditor';

/**
 * A message at work lives for some milliseconds of promises: with V8's default of 16 MiB they are
 * copied about as survivors, which took a fifth of a busy worker's time.
 */
const youngSpace = ['--max-semi-space-size=64'];

const startTimeoutMs = 30_000;
const reportTimeoutMs = 3000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ProcessHandle {
  readonly name: string;
  onMessage: (message: FromProcess) => void = () => {};
  /** Resolves when the process is gone. */
  readonly exited: Promise<Exit>;
  #gone = false;
  readonly #child: ChildProcess;
  readonly #reports = new Map<number, (report: Report | null) => void>();
  #nextReport = 1;

  private constructor(role: Role, config: ProcessConfig) {
    this.name = config.name;
    const file = fileURLToPath(new URL(`./${role}.js`, import.meta.url));
    // Standard error goes to the run's own: a crash in native code has no other way to speak.
    this.#child = fork(file, [], {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...youngSpace],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#gone = true;
        for (const answer of this.#reports.values()) answer(null);
        resolve({ code, signal });
      });
    });
    this.#child.on('error', () => {});
    this.#child.on('message', (message: FromProcess) => this.#take(message));
  }

  /** Starts the process and waits until it is set up; rejects with the error that it reports. */
  static async start(role: Role, config: ProcessConfig): Promise<ProcessHandle> {
    const handle = new ProcessHandle(role, config);
    await handle.#configure(role, config);
    return handle;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  send(order: ToProcess): void {
    if (!this.#gone && this.#child.connected) this.#child.send(order, () => {});
  }

  /** null: the process is gone, or does not answer. */
  report(): Promise<Report | null> {
    if (this.#gone) return Promise.resolve(null);
    const id = this.#nextReport++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), reportTimeoutMs);
      this.#reports.set(id, (report) => {
        clearTimeout(timer);
        this.#reports.delete(id);
        resolve(report);
      });
      this.send({ type: 'report', id });
    });
  }

  kill(): void {
    if (!this.#gone) this.#child.kill('SIGKILL');
  }

  /** Resolves with the first message that `wanted` accepts; null when the process ends before. */
  async awaits<T extends FromProcess>(
    wanted: (message: FromProcess) => message is T,
  ): Promise<T | null> {
    const before = this.onMessage;
    const found = new Promise<T>((resolve) => {
      this.onMessage = (message) => {
        before(message);
        if (wanted(message)) resolve(message);
      };
    });
    return Promise.race([found, this.exited.then(() => null)]);
  }

  async #configure(role: Role, config: ProcessConfig): Promise<void> {
    const settled = new Promise<FromProcess | null>((resolve) => {
      this.onMessage = resolve;
      void this.exited.then(() => resolve(null));
      setTimeout(() => resolve(null), startTimeoutMs).unref();
    });
    this.send({ type: 'configure', config });
    const answer = await settled;
    this.onMessage = () => {};
    if (answer?.type === 'ready') return;
    this.kill();
    if (answer?.type !== 'failed') {
      throw new OncectlError('worker-lost', `the ${role} process ${config.name} did not start`, {
        about: config.runFolder,
      });
    }
    const { kind, message, about, hint } = answer.error;
    throw new OncectlError(kind as ErrorKind, message, {
      ...(about === undefined ? {} : { about }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #take(message: FromProcess): void {
    if (message.type === 'report') this.#reports.get(message.id)?.(message.report);
    else this.onMessage(message);
  }
}
