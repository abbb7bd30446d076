/** Starts generator and receiver processes and waits for what they measured. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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

/** Runs one job in a fresh generator process; `meanwhile` runs beside it. */
export async function generate(job, meanwhile) {
  const child = fork(file('./generator-process.mjs'));
  const result = new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the generator process ended: ${code}`)));
  });
  child.send({ seed: 1, ...job });
  const [measured] = await Promise.all([result, meanwhile?.()]);
  return measured;
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
