/**
 * The generator in a process of its own, as `bench run` starts it. Takes one job as its first IPC
 * message, answers with what it measured, and ends.
 */
import { createConnection } from 'node:net';
import { openNoop } from '../../dist/src/backends/noop/index.js';
import { preciseNow } from '../../dist/src/engine/clock.js';
import { runGenerator } from '../../dist/src/load/generator.js';
import { StageRecorders } from '../../dist/src/load/recorder.js';
import { createSchedule } from '../../dist/src/load/schedule.js';
import { drift } from './naive.mjs';

process.once('message', (job) => {
  const measured = job.pacer === 'drift' ? drift(job) : measure(job);
  measured.then((result) => {
    const { user, system } = process.cpuUsage();
    process.send({ done: true, ...result, cpuMs: (user + system) / 1000 }, () => process.exit(0));
  });
});

async function measure(job) {
  const schedule = createSchedule(job.load, job.seed, 'BENCH000');
  const recorder = new StageRecorders();
  const arrivals = new Float64Array(schedule.total);
  const target = await openTarget(job, arrivals);
  const startAt = preciseNow() + 300;
  const [start, end] = measuredWindow(schedule, startAt);
  // As in `bench run`: taken here once a second, added up by the parent, off this thread.
  const post = () => process.send({ intervals: recorder.takeInterval() });
  const takeIntervals = setInterval(post, 1000);
  const cpu = cpuBetween(start, end);
  const outcome = await runGenerator({
    schedule,
    target,
    recorder,
    signal: new AbortController().signal,
    startAt,
    ...(job.pacer === 'interval' ? { startPacer: intervalPacer } : {}),
  });
  clearInterval(takeIntervals);
  post();
  target.close();
  return {
    outcome,
    arrived: arrivedBetween(arrivals, start, end),
    mostIn10ms: mostIn(arrivals, 10, start),
    cpuShare: await cpu,
  };
}

function measuredWindow(schedule, startAt) {
  const stage = schedule.stages.find(({ measured }) => measured);
  return [startAt + stage.startUs / 1000, startAt + stage.endUs / 1000];
}

async function openTarget(job, arrivals) {
  return job.port === undefined ? noopTarget(arrivals) : socketTarget(job.port, arrivals);
}

function noopTarget(arrivals) {
  const { broker } = openNoop();
  let count = 0;
  return {
    async send(message) {
      arrivals[count++] = preciseNow();
      await broker.send([message]);
      return 'accepted';
    },
    close() {},
  };
}

/** Four bytes out for each message, the same four back when the receiver has it. */
async function socketTarget(port, arrivals) {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  const waiting = [];
  let acknowledgedBytes = 0;
  let acknowledged = 0;
  socket.on('data', (bytes) => {
    acknowledgedBytes += bytes.length;
    while (acknowledged < Math.floor(acknowledgedBytes / 4)) waiting[acknowledged++]('accepted');
  });
  return {
    send() {
      arrivals[waiting.length] = preciseNow();
      socket.write('ping');
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: () => socket.destroy(),
  };
}

/** The usual way, to compare with: a timer of a millisecond that sends all that is due. */
function intervalPacer({ schedule, startAt, onDue }) {
  const cursor = schedule.cursor();
  const timer = setInterval(() => {
    const nowUs = (preciseNow() - startAt) * 1000;
    while (cursor.atUs <= nowUs) cursor.advance();
    onDue(cursor.index);
  }, 1);
  return { stop: async () => clearInterval(timer) };
}

function arrivedBetween(arrivals, start, end) {
  let count = 0;
  for (const at of arrivals) if (at >= start && at < end) count += 1;
  return count;
}

function mostIn(arrivals, windowMs, from) {
  let most = 0;
  let first = arrivals.findIndex((at) => at >= from);
  for (let last = first; last < arrivals.length; last++) {
    while (arrivals[last] - arrivals[first] >= windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

async function cpuBetween(start, end) {
  await new Promise((resolve) => setTimeout(resolve, start - preciseNow()));
  const [cpuBefore, before] = [process.cpuUsage(), preciseNow()];
  await new Promise((resolve) => setTimeout(resolve, end - 50 - preciseNow()));
  const { user, system } = process.cpuUsage(cpuBefore);
  return (user + system) / 1000 / (preciseNow() - before);
}
