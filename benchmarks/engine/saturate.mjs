/** The engine at saturation: worker processes as in a bench, messages going round a ring. */
import { ProcessHandle } from '../../dist/src/bench/processes/handle.js';
import { HistogramSum } from '../../dist/src/load/histogram-sum.js';
import { ringProfile } from './ring.mjs';
import { seed } from './seed.mjs';

const warmUpMs = 4000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function measureEngine({ folder, protocol, seconds, workers, inFlight }) {
  const profile = await ringProfile(protocol);
  await seed(profile, folder, inFlight);
  const configs = Array.from({ length: workers }, (_, index) => ({
    name: `worker-${index + 1}`,
    profile,
    runId: 'bench-engine',
    runFolder: folder,
    storeFolder: folder,
    evidenceFolder: folder,
    logLevel: 'error',
  }));
  const handles = [];
  for (const config of configs) handles.push(await ProcessHandle.start('worker', config));
  try {
    for (const handle of handles) handle.send({ type: 'begin', startAt: Date.now() });
    await pause(warmUpMs);
    const from = await reports(handles);
    await pause(seconds * 1000);
    const to = await reports(handles);
    return summary(from, to);
  } finally {
    for (const handle of handles) handle.kill();
    await Promise.all(handles.map(({ exited }) => exited));
  }
}

async function reports(handles) {
  const taken = await Promise.all(handles.map((handle) => handle.report()));
  return { at: performance.now(), reports: taken.filter((report) => report !== null) };
}

function summary(from, to) {
  const total = (round, of) => round.reports.reduce((sum, report) => sum + of(report), 0);
  const gained = (of) => total(to, of) - total(from, of);
  const handled = gained(({ worker }) => worker.handled);
  const seconds = (to.at - from.at) / 1000;
  const hop = new HistogramSum();
  for (const { intervals } of to.reports) {
    for (const { name, endpoint, hdr } of intervals) {
      if (name === 'hop' && endpoint === null) hop.add(hdr);
    }
  }
  return {
    handledPerSecond: handled / seconds,
    hopP99Ms: hop.point().p99 / 1000,
    cpuMsPerMessage: (gained(({ cpuSeconds }) => cpuSeconds) * 1000) / handled,
    perTransaction: perTransaction(from, to),
  };
}

/** Operations in one transaction of each environment, as the engine's group commit made them. */
function perTransaction(from, to) {
  const names = Object.keys(to.reports[0].worker.flushes);
  const gained = (name, what) =>
    to.reports.reduce((sum, { worker }) => sum + worker.flushes[name][what], 0) -
    from.reports.reduce((sum, { worker }) => sum + worker.flushes[name][what], 0);
  return Object.fromEntries(
    names
      .filter((name) => gained(name, 'flushes') > 0)
      .map((name) => [name, gained(name, 'operations') / gained(name, 'flushes')]),
  );
}
