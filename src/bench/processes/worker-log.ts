/** A worker's log: NDJSON in the run's folder, written at once, so that a crash loses no line. */
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type LogLevel, logLevels } from './messages.js';

export class WorkerLog {
  readonly #file: number;
  readonly #level: number;
  readonly #worker: string;

  constructor(folder: string, worker: string, level: LogLevel) {
    this.#file = openSync(join(folder, `${worker}.log`), 'a');
    this.#level = logLevels.indexOf(level);
    this.#worker = worker;
  }

  /** Whether lines of this level are kept: ask before building an expensive one. */
  keeps(level: LogLevel): boolean {
    return logLevels.indexOf(level) <= this.#level;
  }

  write(level: LogLevel, what: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (!this.keeps(level)) return;
    const t = new Date().toISOString();
    writeSync(
      this.#file,
      `${JSON.stringify({ t, level, worker: this.#worker, what, ...details })}\n`,
    );
  }
}
