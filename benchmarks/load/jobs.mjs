/** Starts generator and receiver processes and waits for what they measured. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { HistogramSum } from '../../dist/src/load/histogram-sum.js';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const endpoints = Array.from({ length: 15 }, (_, index) => `endpoint-${index + 1}`);

/** The load of the profile `generator`: 15 independent endpoints; the first two seconds warm up. */
export function loadOf(ratePerSecond, seconds, arrival = 'uniform') {
  const stage = (name, measured, durationMs) => ({
    name,
    measured,
    durationMs,
    shape: 'constant',
    fromPerSecond: ratePerSecond,
    toPerSecond: ratePerSecond,
    count: 1,
  });
  return {
    ratePerSecond,
    arrival,
    payloadBytes: 1024,
    keys: { count: 1000, distribution: 'uniform', skew: 1 },
    enter: endpoints,
    stages: [stage('warm-up', false, 2000), stage('measured', true, seconds * 1000)],
  };
}

/**
 * Runs one job in a fresh generator process; `meanwhile` runs beside it. `othersCpu` of the result says
 * how many cores everything else on the machine was using, `stolen` what its host took from it.
 */
export async function generate(job, meanwhile) {
  const child = fork(file('./generator-process.mjs'));
  const result = new Promise((resolve, reject) => {
    const sums = { sendLag: new HistogramSum(), publish: new HistogramSum() };
    child.on('message', (message) => {
      if (message.done) resolve({ ...message, ...points(sums) });
      else addMeasured(sums, message.intervals);
    });
    child.once('exit', (code) => reject(new Error(`the generator process ended: ${code}`)));
  });
  const before = machine();
  child.send({ seed: 1, ...job });
  const [measured] = await Promise.all([result, meanwhile?.()]);
  const after = machine();
  const own = after.own - before.own + measured.cpuMs;
  const othersCpu = Math.max(0, (after.busy - before.busy - own) / (after.at - before.at));
  const stolen = (after.stolen - before.stolen) / (after.at - before.at);
  return { ...measured, othersCpu, stolen, noise: othersCpu / quietCores + stolen / quietStolen };
}

/** Stage 0 is the warm-up. */
function addMeasured(sums, intervals) {
  for (const { stage, name, hdr } of intervals) if (stage > 0) sums[name]?.add(hdr);
}

function points({ sendLag, publish }) {
  return { lag: sendLag.point(), publish: publish.point() };
}

/** Others using more than this, in cores, disturb a figure in microseconds. */
const quietCores = 0.15;
/** A host that takes a core away for more of the time than this does: 60 ms of a minute. */
const quietStolen = 0.001;

/**
 * Up to `tries` runs of a job, until the machine was quiet; the quietest of them counts, whatever it
 * measured.
 */
export async function generateQuietly(job, tries) {
  let quietest;
  for (let attempt = 0; attempt < tries; attempt++) {
    const run = await generate(job);
    if (quietest === undefined || run.noise < quietest.noise) quietest = run;
    if (quietest.othersCpu <= quietCores && quietest.stolen <= quietStolen) break;
  }
  return quietest;
}

/** Processor time spent by the whole machine and by this process so far, ms. */
function machine() {
  let busy = 0;
  for (const { times } of cpus()) busy += times.user + times.nice + times.sys + times.irq;
  const { user, system } = process.cpuUsage();
  return { busy, stolen: stolenMs(), own: (user + system) / 1000, at: performance.now() };
}

/** Time that the machine was ready to run and its host ran something else, ms of all cores; Linux tells. */
function stolenMs() {
  try {
    const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/ +/);
    return Number(ticks[7]) * 10;
  } catch {
    return 0;
  }
}

/** Runs `use(port, child)` beside a receiver process. */
export async function withReceiver(use) {
  const child = fork(file('./receiver-process.mjs'));
  const port = await new Promise((resolve) => child.once('message', resolve));
  try {
    return await use(port, child);
  } finally {
    child.kill('SIGKILL');
  }
}
