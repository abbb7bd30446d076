/**
 * Sends a schedule's messages at their intended times, come what may: open loop.
 *  1. A message's time T is fixed in advance. A late message is sent at once, with its T unchanged.
 *  2. Everything is measured from T: sendLag = sent - T, publish = accepted - T. Beside them,
 *     service = accepted - sent, which is blind to waiting and named so that nobody takes it for more.
 *  3. An id is in the log of entered messages before it is sent.
 *  4. A rejected send is repeated, same message, same id, until it is in or the load is stopped.
 */
import { preciseNow } from '../engine/clock.js';
import { asOncectlError } from '../engine/errors.js';
import type { EnteredLog } from './entered-log.js';
import { type Entering, EnteringMessages } from './entering.js';
import { type Pacer, type StartPacer, startPacer } from './pacer.js';
import { Random, streams } from './random.js';
import { StageRecorders } from './recorder.js';
import type { Schedule } from './schedule.js';
import type { SendOutcome, Target } from './target.js';
import { type StageOutcome, type StageTally, stageOutcome } from './verdict.js';

export interface GeneratorOptions {
  readonly schedule: Schedule;
  readonly target: Target;
  /** Gets `sendLag`, `publish` and `service`, by stage of the intended time. */
  readonly recorder: StageRecorders;
  /** Aborting stops sending at once; what is in flight has `stopMs` to settle. */
  readonly signal: AbortSignal;
  /** When the load starts, ms since the epoch. Leave some 100 ms for the pacer's thread to start. */
  readonly startAt: number;
  /** Evidence; none when the audit is off. The caller closes it. */
  readonly log?: EnteredLog;
  /** Kept up to date while the load runs, for a view. */
  readonly counters?: GeneratorCounters;
  /** After a stop, ms; default 3 s. */
  readonly stopMs?: number;
  /** After the last message was sent, ms; default 30 s. What is not in by then is unknown. */
  readonly settleMs?: number;
  /** Beyond so many unsettled messages sending waits (and the run becomes invalid); default 200,000. */
  readonly maxInFlight?: number;
  readonly clock?: () => number;
  readonly startPacer?: StartPacer;
}

export interface GeneratorCounters {
  /** Messages due so far. */
  offered: number;
  sent: number;
  accepted: number;
  /** Messages whose outcome stays unknown. */
  unknown: number;
  /** Rejected attempts. */
  errors: number;
  /** Sent, outcome still open. */
  inFlight: number;
}

export interface GeneratorOutcome extends Readonly<GeneratorCounters> {
  /** Stopped before the schedule's end. */
  readonly aborted: boolean;
  readonly stages: readonly StageOutcome[];
  readonly valid: boolean;
  /** Why not valid: the first stage's reason. */
  readonly reason: string | null;
  /** Worst p99 of the send lag over the measured stages. */
  readonly lagP99Us: number;
  /** The last rejection's message; null when there was none. */
  readonly lastError: string | null;
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** All zero. */
export function newCounters(): GeneratorCounters {
  return { offered: 0, sent: 0, accepted: 0, unknown: 0, errors: 0, inFlight: 0 };
}

/**
 * Runs the load to its end, or until `signal` is aborted. Rejects only when the load cannot go on: the
 * pacer's thread failed, or the log of entered messages cannot be written.
 */
export function runGenerator(options: GeneratorOptions): Promise<GeneratorOutcome> {
  return new Generation(options).run();
}

/** Between two looks at the event loop, so that acknowledgements are seen during a backlog. */
const batchLimit = 256;
/** Looks at the clock, some 50 ns each, that outlast the pacer's lead. */
const earlyLooks = 2000;
const firstRetryMs = 10;
const longestRetryMs = 1000;

class Generation {
  readonly #options: GeneratorOptions;
  readonly #schedule: Schedule;
  readonly #clock: () => number;
  readonly #messages: EnteringMessages;
  readonly #counters: GeneratorCounters;
  readonly #tallies: StageTally[];
  /** Never taken in intervals: the verdict on the generator is over whole stages. */
  readonly #lags = new StageRecorders();
  readonly #jitter: Random;
  readonly #retries = new Map<Entering, NodeJS.Timeout>();
  readonly #stop = () => this.#stopSending();
  #pacer: Pacer | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  #ended = false;
  #due = 0;
  #stopping = false;
  #finished = false;
  #moreSoon = false;
  #endUs: number;
  #lastError: string | null = null;
  #resolve: (outcome: GeneratorOutcome) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.#schedule = options.schedule;
    this.#clock = options.clock ?? preciseNow;
    this.#messages = new EnteringMessages(this.#schedule, options.startAt, options.log);
    this.#counters = options.counters ?? newCounters();
    this.#tallies = this.#schedule.stages.map(() => ({ sent: 0, lastSentUs: 0 }));
    this.#jitter = new Random(this.#schedule.seed, streams.retries);
    this.#endUs = this.#schedule.durationUs;
  }

  run(): Promise<GeneratorOutcome> {
    const { signal, startAt } = this.#options;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#pacer = (this.#options.startPacer ?? startPacer)({
        schedule: this.#schedule,
        startAt,
        onDue: (due) => this.#onDue(due),
        onError: (error) => this.#fail(error),
      });
      signal.addEventListener('abort', this.#stop, { once: true });
      if (signal.aborted) this.#stopSending();
      else if (this.#messages.done) this.#allSent();
    });
  }

  #onDue(due: number): void {
    if (due > this.#due) this.#due = due;
    this.#sendDue();
  }

  #sendDue(): void {
    if (this.#stopping || this.#finished) return;
    try {
      const batch = this.#takeDue();
      for (const entering of batch) this.#send(entering);
      if (this.#messages.done) this.#allSent();
      else if (batch.length === batchLimit) this.#sendMoreSoon();
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendMoreSoon(): void {
    if (this.#moreSoon) return;
    this.#moreSoon = true;
    setImmediate(() => {
      this.#moreSoon = false;
      this.#sendDue();
    });
  }

  /** What the pacer says is due, and what has become due since it said so. */
  #takeDue(): Entering[] {
    const room = (this.#options.maxInFlight ?? 200_000) - this.#counters.inFlight;
    const batch = this.#messages.take(this.#due, this.#elapsedUs(), Math.min(batchLimit, room));
    this.#counters.offered = Math.max(this.#counters.offered, this.#due, this.#messages.taken);
    return batch;
  }

  #send(entering: Entering): void {
    const { stage, intendedAt } = entering;
    entering.sentAt = this.#notBefore(intendedAt);
    const lagUs = (entering.sentAt - intendedAt) * 1000;
    this.#options.recorder.record(stage, 'sendLag', lagUs);
    this.#lags.record(stage, 'sendLag', lagUs);
    this.#counters.sent += 1;
    this.#counters.inFlight += 1;
    const tally = this.#tallies[stage];
    if (tally !== undefined) {
      tally.sent += 1;
      tally.lastSentUs = (entering.sentAt - this.#options.startAt) * 1000;
    }
    this.#attempt(entering);
  }

  /** The pacer speaks up a little early; nothing is sent before its time. */
  #notBefore(intendedAt: number): number {
    let now = this.#clock();
    for (let look = 0; now < intendedAt && look < earlyLooks; look++) now = this.#clock();
    return now;
  }

  #attempt(entering: Entering): void {
    entering.attempts += 1;
    const rejected = (error: unknown) => this.#rejected(entering, error);
    try {
      this.#options.target
        .send(entering.message)
        .then((outcome) => this.#settled(entering, outcome), rejected);
    } catch (error) {
      rejected(error);
    }
  }

  #settled(entering: Entering, outcome: SendOutcome): void {
    if (this.#finished) return;
    this.#counters.inFlight -= 1;
    if (outcome === 'accepted') this.#accepted(entering);
    else this.#counters.unknown += 1;
    this.#afterSettling();
  }

  #accepted({ message, stage, bodyHash, intendedAt, sentAt }: Entering): void {
    const { recorder, log } = this.#options;
    const now = this.#clock();
    this.#counters.accepted += 1;
    recorder.record(stage, 'publish', (now - intendedAt) * 1000);
    recorder.record(stage, 'service', (now - sentAt) * 1000);
    log?.entered(message, bodyHash, 'accepted');
  }

  #afterSettling(): void {
    const waiting = this.#messages.taken < this.#due;
    if (waiting && !this.#stopping) this.#sendMoreSoon();
    this.#finishIfSettled();
  }

  #rejected(entering: Entering, error: unknown): void {
    if (this.#finished) return;
    this.#counters.errors += 1;
    this.#lastError = asOncectlError(error).message;
    if (this.#stopping) {
      this.#settled(entering, 'unknown');
      return;
    }
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** (entering.attempts - 1));
    const delay = longest * (0.5 + this.#jitter.nextDouble() / 2);
    const again = () => {
      this.#retries.delete(entering);
      this.#attempt(entering);
    };
    this.#retries.set(entering, setTimeout(again, delay));
  }

  #allSent(): void {
    void this.#pacer?.stop();
    if (this.#deadline !== undefined) return;
    // The load lasts to its end, also when the last message was due long before it.
    const untilEnd = Math.max(0, (this.#endUs - this.#elapsedUs()) / 1000);
    const settleMs = untilEnd + (this.#options.settleMs ?? 30_000);
    this.#deadline = setTimeout(() => this.#finish(), settleMs);
    this.#end = setTimeout(() => {
      this.#ended = true;
      this.#finishIfSettled();
    }, Math.ceil(untilEnd));
  }

  #stopSending(): void {
    if (this.#stopping || this.#finished) return;
    this.#stopping = true;
    this.#endUs = Math.max(0, Math.min(this.#endUs, this.#elapsedUs()));
    void this.#pacer?.stop();
    clearTimeout(this.#end);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#finish(), this.#options.stopMs ?? 3000);
    for (const entering of [...this.#retries.keys()]) this.#giveUp(entering);
    this.#finishIfSettled();
  }

  #giveUp(entering: Entering): void {
    clearTimeout(this.#retries.get(entering));
    this.#retries.delete(entering);
    this.#settled(entering, 'unknown');
  }

  #finishIfSettled(): void {
    if ((this.#stopping || this.#ended) && this.#counters.inFlight === 0) this.#finish();
  }

  #finish(): void {
    if (this.#finished) return;
    try {
      this.#options.log?.flush();
      const outcome = this.#outcome();
      this.#release();
      this.#resolve(outcome);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#release();
    this.#reject(asOncectlError(error));
  }

  #release(): void {
    this.#finished = true;
    clearTimeout(this.#end);
    this.#options.signal.removeEventListener('abort', this.#stop);
    clearTimeout(this.#deadline);
    for (const timer of this.#retries.values()) clearTimeout(timer);
    void this.#pacer?.stop();
  }

  #elapsedUs(): number {
    return (this.#clock() - this.#options.startAt) * 1000;
  }

  #outcome(): GeneratorOutcome {
    const aborted = this.#stopping && !this.#messages.done;
    const sentAll = this.#counters.sent;
    const end = { due: Math.max(sentAll, this.#messages.dueBy(this.#endUs)), endUs: this.#endUs };
    const stages = this.#schedule.stages.map((stage, index) =>
      this.#stageOutcome(index, stage, end),
    );
    const judged = stages.filter(({ measured }) => measured);
    const reason = judged.find(({ invalid }) => invalid !== null)?.invalid ?? null;
    return {
      ...this.#counters,
      offered: end.due,
      // What nobody answered for by now may or may not be in.
      unknown: this.#counters.unknown + this.#counters.inFlight,
      aborted,
      stages,
      valid: reason === null,
      reason,
      lagP99Us: Math.max(0, ...judged.map(({ lagP99Us }) => lagP99Us)),
      lastError: this.#lastError,
      startedAt: this.#options.startAt,
      endedAt: this.#clock(),
    };
  }

  #stageOutcome(
    index: number,
    stage: Schedule['stages'][number],
    end: { readonly due: number; readonly endUs: number },
  ): StageOutcome {
    const tally = this.#tallies[index] ?? { sent: 0, lastSentUs: 0 };
    const lagP99Us = this.#lags.point(index, 'sendLag')?.p99 ?? 0;
    return stageOutcome(stage, tally, lagP99Us, end);
  }
}
