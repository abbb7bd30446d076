/** The pacer as the generator's thread sees it. */
import { Worker } from 'node:worker_threads';
import { OncectlError } from '../engine/errors.js';
import type { LoadProfile } from '../profile/types.js';
import { machineOffset } from './clock.js';
import type { Schedule } from './schedule.js';

export interface PacerOptions {
  readonly schedule: Schedule;
  /** When the load starts, ms since the epoch. */
  readonly startAt: number;
  /** `due` messages, from the first on, are due. Called in the generator's thread. */
  readonly onDue: (due: number) => void;
  readonly onError: (error: unknown) => void;
}

export interface Pacer {
  /** No call of `onDue` after this. Resolves when the thread is gone. */
  stop(): Promise<void>;
}

export type StartPacer = (options: PacerOptions) => Pacer;

/** What the thread is started with. */
export interface PacerStart {
  readonly load: LoadProfile;
  readonly seed: number;
  /** On the clock that all threads share, ms. */
  readonly startAt: number;
  /** Not 0: stop. */
  readonly stop: Int32Array;
}

/**
 * Starts the pacer in a thread of its own. The thread takes some 50 ms to start; what is due until
 * then is posted at once.
 */
export function startPacer(options: PacerOptions): Pacer {
  const { schedule, onDue, onError } = options;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const startAt = options.startAt + machineOffset();
  const workerData: PacerStart = { load: schedule.load, seed: schedule.seed, startAt, stop };
  const file = new URL('./pacer-worker.js', import.meta.url);
  // Flags of this process, such as `--input-type`, are not meant for the thread.
  const worker = new Worker(file, { workerData, execArgv: [] });
  worker.on('message', onDue);
  worker.on('error', onError);
  worker.on('exit', (code) => {
    if (code !== 0) onError(new OncectlError('bug', `the pacer's thread ended with code ${code}`));
  });
  return {
    async stop() {
      worker.removeAllListeners();
      // An error that is on its way must not end the process now that nobody needs the thread.
      worker.on('error', () => {});
      Atomics.store(stop, 0, 1);
      Atomics.notify(stop, 0);
      await worker.terminate();
    },
  };
}
