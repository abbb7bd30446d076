/**
 * The live view of `bench run` on a terminal of its own, fed with four snapshots a second. Arguments:
 * seconds, and the file that takes its share of a core.
 */
import { writeFileSync } from 'node:fs';
import { startLiveView } from '../../dist/src/tui/live.js';

const [seconds, file] = [Number(process.argv[2]), process.argv[3]];
const endpoints = Array.from({ length: 15 }, (_, index) => `endpoint-${index + 1}`);
const started = performance.now();
let [measuredFrom, cpuBefore] = [started, process.cpuUsage()];
// Loading ink and React is not drawing.
setTimeout(() => {
  [measuredFrom, cpuBefore] = [performance.now(), process.cpuUsage()];
}, 2000);
const view = startLiveView({
  stdout: process.stdout,
  stdin: process.stdin,
  onInterrupt: () => process.exit(1),
});
view.publish({
  type: 'start',
  runId: 'BENCH000',
  folder: 'runs/bench',
  profile: 'generator',
  protocol: 'none',
  backend: 'noop',
  seed: 1,
  endpoints,
  stages: [{ name: 'measured', measured: true, durationMs: seconds * 1000 }],
  plannedEntering: 750 * seconds,
  plannedHandled: 750 * seconds,
  thresholds: [],
});
view.publish({ type: 'phase', phase: 'measuring', stage: 'measured', note: null });
// Once a second, as the bench does.
setInterval(() => view.publish(snapshot(performance.now() - started)), 1000);
setTimeout(end, seconds * 1000);

async function end() {
  const { user, system } = process.cpuUsage(cpuBefore);
  const share = (user + system) / 1000 / (performance.now() - measuredFrom);
  await view.stop();
  writeFileSync(file, String(share));
  process.exit(0);
}

function snapshot(atMs) {
  const moving = (base) => base * (1 + 0.1 * Math.sin(atMs / 700));
  const point = { count: atMs, p50: 90, p90: 150, p99: moving(210), p999: 900, max: 1100 };
  const names = ['sendLag', 'publish', 'queueWait', 'processing', 'hop', 'chain'];
  return {
    type: 'snapshot',
    atMs,
    phase: 'measuring',
    stage: 'measured',
    stageElapsedMs: atMs,
    stageDurationMs: seconds * 1000,
    offeredPerSecond: 750,
    sentPerSecond: moving(750),
    handledPerSecond: moving(750),
    chainsPerSecond: moving(750),
    sent: Math.round(atMs * 0.75),
    handled: Math.round(atMs * 0.75),
    inFlight: 3,
    latency: Object.fromEntries(names.map((name) => [name, point])),
    intervalHopP99: moving(210),
    intervalChainP99: moving(210),
    backlog: endpoints.map((endpoint) => ({ endpoint, messages: Math.round(moving(10)) })),
    generatorValid: true,
    audit: { entered: Math.round(atMs * 0.75), committed: Math.round(atMs * 0.75), redelivered: 0 },
    cpu: { generator: 0.05, workers: 0.5, audit: 0.05, view: 0.05 },
    storageCallsPerMessage: 0,
    storeBytes: 0,
  };
}
