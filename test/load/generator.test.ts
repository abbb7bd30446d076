import { describe, expect, test } from 'vitest';
import { OncectlError } from '../../src/engine/errors.js';
import type { Message } from '../../src/engine/message.js';
import type { EnteredLog } from '../../src/load/entered-log.js';
import {
  type GeneratorOptions,
  type GeneratorOutcome,
  newCounters,
  runGenerator,
} from '../../src/load/generator.js';
import { HistogramSum } from '../../src/load/histogram-sum.js';
import type { StartPacer } from '../../src/load/pacer.js';
import { StageRecorders } from '../../src/load/recorder.js';
import { createSchedule, type Schedule } from '../../src/load/schedule.js';
import type { SendOutcome, Target } from '../../src/load/target.js';
import { load, stage } from './loads.js';

const startAt = 1_700_000_000_000;

/** A generator whose time the test moves: `to(ms)` lets everything due by then be sent. */
class Run {
  readonly recorder = new StageRecorders();
  readonly counters = newCounters();
  readonly abort = new AbortController();
  readonly schedule: Schedule;
  readonly outcome: Promise<GeneratorOutcome>;
  now = startAt;
  #onDue: (due: number) => void = () => {};
  #onError: (error: unknown) => void = () => {};

  constructor(schedule: Schedule, target: Target, more: Partial<GeneratorOptions> = {}) {
    this.schedule = schedule;
    const startPacer: StartPacer = ({ onDue, onError }) => {
      this.#onDue = onDue;
      this.#onError = onError;
      return { stop: async () => {} };
    };
    this.outcome = runGenerator({
      schedule,
      target,
      recorder: this.recorder,
      counters: this.counters,
      signal: this.abort.signal,
      startAt,
      clock: () => this.now,
      startPacer,
      ...more,
    });
  }

  async to(ms: number): Promise<void> {
    this.now = startAt + ms;
    const due = [...this.schedule].filter(({ atUs }) => atUs <= ms * 1000).length;
    this.#onDue(due);
    await settle();
  }

  /** Moves through the schedule message by message, waking `lateUs` after each intended time. */
  async through(lateUs: number, at: (elapsedUs: number) => void = () => {}): Promise<void> {
    for (const { index, atUs } of this.schedule) {
      this.now = startAt + (atUs + lateUs) / 1000;
      at(atUs + lateUs);
      this.#onDue(index + 1);
      await Promise.resolve();
    }
    await settle();
  }

  fail(error: unknown): void {
    this.#onError(error);
  }

  /** Percentiles by name. */
  latencies() {
    const sums = {
      sendLag: new HistogramSum(),
      publish: new HistogramSum(),
      service: new HistogramSum(),
    };
    for (const { name, hdr } of this.recorder.takeInterval()) {
      sums[name as keyof typeof sums].add(hdr);
    }
    const { sendLag, publish, service } = sums;
    return { sendLag: sendLag.point(), publish: publish.point(), service: service.point() };
  }
}

/** Lets everything that is already decided happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Accepts at once, or not before the test says so. */
class Gate implements Target {
  readonly messages: Message[] = [];
  closed = false;
  readonly #waiting: ((outcome: SendOutcome) => void)[] = [];

  send(message: Message): Promise<SendOutcome> {
    this.messages.push(message);
    if (!this.closed) return Promise.resolve('accepted');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  open(): void {
    this.closed = false;
    for (const accept of this.#waiting.splice(0)) accept('accepted');
  }
}

const schedule = (part = {}) => createSchedule(load(part), 1, 'run');

describe('the generator', () => {
  test('sends every message once, with its intended time and its own id', async () => {
    const gate = new Gate();
    const run = new Run(schedule(), gate);
    await run.through(50);
    const outcome = await run.outcome;
    expect(outcome).toMatchObject({ offered: 100, sent: 100, accepted: 100, inFlight: 0 });
    expect(outcome).toMatchObject({ aborted: false, valid: true, unknown: 0, errors: 0 });
    expect(new Set(gate.messages.map(({ id }) => id)).size).toBe(100);
    expect(gate.messages[7]?.headers).toEqual({ intendedAt: startAt + 70, sentAt: startAt + 70 });
    expect(run.latencies().sendLag).toMatchObject({ count: 100, p50: 50, max: 50 });
  });

  test('shows a frozen target in the percentiles as it was: the analytic p99, within 1 %', async () => {
    const gate = new Gate();
    const stages = [stage({ fromPerSecond: 750, durationMs: 20_000 })];
    const run = new Run(schedule({ stages }), gate);
    await run.through(0, (elapsedUs) => {
      if (elapsedUs >= 10e6 && elapsedUs < 11e6) gate.closed = true;
      else if (gate.closed) gate.open();
    });
    expect((await run.outcome).valid).toBe(true);
    const { p50, p99, count } = run.latencies().publish;
    expect(count).toBe(15_000);
    expect(p50).toBe(0);
    // 5 % of the messages wait, from 1 s evenly down to 0: 1 % wait longer than 0.8 s.
    expect(p99 / 800_000).toBeCloseTo(1, 2);
  });

  test('counts its own lateness into publish, and not into service', async () => {
    const gate = new Gate();
    gate.closed = true;
    const run = new Run(schedule({ stages: [stage({ fromPerSecond: 1 })] }), gate);
    await run.to(300);
    run.now += 200;
    gate.open();
    await settle();
    await run.to(1000);
    await run.outcome;
    const { publish, sendLag, service } = run.latencies();
    const ms = [sendLag, publish, service].map(({ max }) => Math.round(max / 1000));
    expect(ms).toEqual([300, 500, 200]);
  });

  test('goes on sending while the target is frozen', async () => {
    const gate = new Gate();
    gate.closed = true;
    const run = new Run(schedule(), gate);
    await run.to(500);
    expect(run.counters).toMatchObject({ sent: 51, accepted: 0, inFlight: 51 });
    gate.open();
    await run.to(1000);
    expect((await run.outcome).accepted).toBe(100);
  });

  test('sends what is due at once after a pause, late against unchanged times', async () => {
    const gate = new Gate();
    const run = new Run(schedule(), gate);
    await run.to(0);
    await run.to(990);
    const outcome = await run.outcome;
    expect(gate.messages.map(({ headers }) => headers.intendedAt)).toEqual(
      Array.from({ length: 100 }, (_, index) => startAt + index * 10),
    );
    expect(outcome.lagP99Us).toBeGreaterThan(960_000);
    expect(outcome.valid).toBe(false);
    expect(outcome.reason).toContain('send lag p99');
  });

  test('does not judge a stage that is not measured', async () => {
    const run = new Run(schedule({ stages: [stage({ measured: false })] }), new Gate());
    await run.to(990);
    expect(await run.outcome).toMatchObject({ valid: true, reason: null, lagP99Us: 0 });
  });

  test('waits at its limit of messages in flight and calls the run invalid', async () => {
    const gate = new Gate();
    gate.closed = true;
    const run = new Run(schedule(), gate, { maxInFlight: 10 });
    await run.to(600);
    expect(run.counters).toMatchObject({ sent: 10, inFlight: 10, offered: 61 });
    gate.open();
    await expect.poll(() => run.counters.sent).toBe(61);
    await run.to(1000);
    expect(await run.outcome).toMatchObject({ accepted: 100, valid: false });
  });

  test('rejects when its pacer fails', async () => {
    const run = new Run(schedule(), new Gate());
    run.fail(new Error('the thread is gone'));
    await expect(run.outcome).rejects.toMatchObject({ message: 'the thread is gone' });
  });

  test('ends at once with a load that holds no message', async () => {
    const run = new Run(schedule({ stages: [] }), new Gate());
    expect(await run.outcome).toMatchObject({ offered: 0, sent: 0, valid: true, aborted: false });
  });
});

describe('a rejected send', () => {
  test('is repeated, the same message, until it is in', async () => {
    const seen: Message[] = [];
    const target: Target = {
      async send(message) {
        seen.push(message);
        if (seen.length < 3) throw new OncectlError('unreachable', 'not now');
        return 'accepted';
      },
    };
    const run = new Run(schedule({ stages: [stage({ fromPerSecond: 1 })] }), target);
    await run.to(1000);
    const outcome = await run.outcome;
    expect(outcome).toMatchObject({ sent: 1, accepted: 1, errors: 2, lastError: 'not now' });
    expect(new Set(seen).size).toBe(1);
    expect(run.latencies().publish.count).toBe(1);
  });

  test('that throws instead of rejecting is one all the same', async () => {
    let calls = 0;
    const target: Target = {
      send() {
        if (calls++ === 0) throw new Error('thrown');
        return Promise.resolve('accepted');
      },
    };
    const run = new Run(schedule({ stages: [stage({ fromPerSecond: 1 })] }), target);
    await run.to(1000);
    expect(await run.outcome).toMatchObject({ accepted: 1, errors: 1, lastError: 'thrown' });
  });

  test('stays unknown when time is up', async () => {
    const target: Target = { send: () => Promise.reject(new Error('never')) };
    const run = new Run(schedule({ stages: [stage({ fromPerSecond: 1 })] }), target, {
      settleMs: 1,
    });
    await run.to(1000);
    expect(await run.outcome).toMatchObject({ accepted: 0, unknown: 1, inFlight: 1 });
  });
});

describe('stopping', () => {
  test('sends nothing more, waits for what is in flight and reports a valid part', async () => {
    const gate = new Gate();
    const run = new Run(schedule(), gate);
    await run.to(300);
    gate.closed = true;
    await run.to(500);
    run.abort.abort();
    await run.to(800);
    expect(run.counters).toMatchObject({ sent: 51, inFlight: 20 });
    gate.open();
    const outcome = await run.outcome;
    expect(outcome).toMatchObject({ aborted: true, offered: 51, sent: 51, accepted: 51 });
    expect(outcome.stages[0]).toMatchObject({ offered: 51, sent: 51, durationSeconds: 0.5 });
  });

  test('ends after its time, with what is in flight unknown, though the target never answers', async () => {
    const gate = new Gate();
    gate.closed = true;
    const run = new Run(schedule(), gate, { stopMs: 1 });
    await run.to(90);
    run.abort.abort();
    expect(await run.outcome).toMatchObject({ sent: 10, accepted: 0, unknown: 10, inFlight: 10 });
  });

  test('gives up retries at once', async () => {
    const target: Target = { send: () => Promise.reject(new Error('never')) };
    const run = new Run(schedule(), target);
    await run.to(90);
    run.abort.abort();
    expect(await run.outcome).toMatchObject({ sent: 10, unknown: 10, inFlight: 0, aborted: true });
  });

  test('before the start sends nothing', async () => {
    const abort = new AbortController();
    abort.abort();
    const gate = new Gate();
    const run = new Run(schedule(), gate, { signal: abort.signal });
    expect(await run.outcome).toMatchObject({ sent: 0, aborted: true });
    expect(gate.messages).toEqual([]);
  });
});

describe('the log of entered messages', () => {
  /** What the operating system has, and what was still in the process. */
  class Log implements EnteredLog {
    readonly flushed: string[] = [];
    readonly #kept: string[] = [];
    entered(message: Message, bodyHash: string, outcome: SendOutcome): void {
      this.#kept.push(`${message.id} ${bodyHash.length} ${outcome}`);
    }
    flush(): void {
      this.flushed.push(...this.#kept.splice(0));
    }
    close(): void {}
  }

  test('has every id before it is sent, and the outcome after', async () => {
    const log = new Log();
    const missing: string[] = [];
    const target: Target = {
      async send({ id }) {
        if (!log.flushed.includes(`${id} 32 unknown`)) missing.push(id);
        return 'accepted';
      },
    };
    const run = new Run(schedule(), target, { log });
    await run.to(1000);
    await run.outcome;
    expect(missing).toEqual([]);
    expect(log.flushed.filter((line) => line.endsWith('accepted'))).toHaveLength(100);
    expect(log.flushed).toHaveLength(200);
  });

  test('that cannot be written ends the load with its error', async () => {
    const log = new Log();
    log.flush = () => {
      throw new OncectlError('disk-full', 'no room');
    };
    const gate = new Gate();
    const run = new Run(schedule(), gate, { log });
    const failed = expect(run.outcome).rejects.toMatchObject({ kind: 'disk-full' });
    await run.to(100);
    await failed;
    expect(gate.messages).toEqual([]);
  });
});

test('nothing is sent before its time, although the pacer speaks up early', async () => {
  let now = startAt;
  const clock = () => {
    now += 0.001;
    return now;
  };
  const early: number[] = [];
  const target: Target = {
    send: async ({ headers }) => {
      early.push(now - (headers.intendedAt ?? 0));
      return 'accepted';
    },
  };
  const schedule = createSchedule(
    load({ stages: [stage({ fromPerSecond: 1000, durationMs: 5 })] }),
    1,
    'EARLY000',
  );
  const startPacer: StartPacer = ({ onDue }) => {
    for (let due = 1; due <= schedule.total; due++) {
      now = Math.max(now, startAt + due - 1 - 0.04);
      onDue(due);
    }
    return { stop: async () => {} };
  };
  const signal = new AbortController().signal;
  await runGenerator({
    schedule,
    target,
    recorder: new StageRecorders(),
    signal,
    startAt,
    clock,
    startPacer,
  });
  expect(early).toHaveLength(5);
  for (const ms of early) expect(ms).toBeGreaterThanOrEqual(0);
});
