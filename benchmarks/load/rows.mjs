/** The rows of the acceptance table: each runs its jobs and says what must hold and what was seen. */
import { createSchedule, describeSchedule } from '../../dist/src/load/schedule.js';
import { generate, generateQuietly, loadOf, withReceiver } from './jobs.mjs';
import { runLiveView } from './view.mjs';

const us = (value) => `${Math.round(value)} us`;
const percent = (value, digits = 1) => `${(value * 100).toFixed(digits)} %`;
const row = (test, must, measured, holds, extra = {}) => ({
  test,
  must,
  measured,
  holds,
  ...extra,
});

/** Achieved rate, lag, arrivals and CPU of one long run each, and of the naive pacers beside it. */
export async function pacing(seconds, tries) {
  const steady = await generateQuietly({ load: loadOf(750, seconds) }, tries);
  const fast = await generateQuietly({ load: loadOf(10_000, seconds) }, tries);
  const short = Math.min(seconds, 10);
  const interval = await generate({ load: loadOf(750, short), pacer: 'interval' });
  const drifting = await generate({ pacer: 'drift', ratePerSecond: 750, seconds: short });
  const drift = drifting.sentPerSecond / 750 - 1;
  const times = (interval.lag.p50 / Math.max(1, steady.lag.p50)).toFixed(1);
  return [
    rateRow(750, seconds, steady, drift),
    rateRow(10_000, seconds, fast, drift),
    row(
      'send lag at 750/s, headless, p50 / p99',
      '<= 150 / 500 us',
      `${us(steady.lag.p50)} / ${us(steady.lag.p99)}`,
      steady.lag.p50 <= 150 && steady.lag.p99 <= 500,
      {
        baseline: `setInterval(1): ${us(interval.lag.p50)} / ${us(interval.lag.p99)}, ${times} x`,
        figures: steady.lag,
        others: steady.othersCpu,
      },
    ),
    row(
      'most arrivals in any 10 ms at 750/s (ideal 8)',
      '<= 14',
      String(steady.mostIn10ms),
      steady.mostIn10ms <= 14,
      { baseline: `setInterval(1): ${interval.mostIn10ms}`, others: steady.othersCpu },
    ),
    row(
      'generator CPU at 750/s, no-op backend, headless',
      '<= 8 % of a core',
      percent(steady.cpuShare),
      steady.cpuShare <= 0.08,
      { baseline: `setInterval(1): ${percent(interval.cpuShare)}`, others: steady.othersCpu },
    ),
  ];
}

function rateRow(rate, seconds, { outcome, arrived, othersCpu }, drift) {
  const stage = outcome.stages.find(({ measured }) => measured);
  const error = Math.max(
    Math.abs(stage.sentPerSecond / rate - 1),
    Math.abs(arrived / (rate * seconds) - 1),
  );
  return row(
    `achieved-rate error, ${seconds} s at ${rate}/s`,
    '<= 0.05 %',
    percent(error, 4),
    error <= 0.0005,
    { baseline: `setTimeout drifts: ${percent(drift)} at 750/s`, others: othersCpu },
  );
}

/** Median of five runs, because one run on a busy machine says little at this rate. */
export async function tenThousand(seconds, tries) {
  const runs = [];
  for (let run = 0; run < 5; run++) {
    runs.push(await generateQuietly({ load: loadOf(10_000, seconds) }, tries));
  }
  const naive = await generate({ load: loadOf(10_000, seconds), pacer: 'interval' });
  const p50 = median(runs.map(({ lag }) => lag.p50));
  const p99 = median(runs.map(({ lag }) => lag.p99));
  return [
    row(
      'send lag at 10,000/s, median of 5 runs, p50 / p99',
      '<= 250 / 500 us',
      `${us(p50)} / ${us(p99)}`,
      p50 <= 250 && p99 <= 500,
      {
        baseline: `setInterval(1): ${us(naive.lag.p50)} / ${us(naive.lag.p99)}`,
        figures: runs.map(({ lag }) => lag),
        others: Math.max(...runs.map(({ othersCpu }) => othersCpu)),
      },
    ),
  ];
}

/** The same load while the live view redraws in another process. */
export async function withLiveView(seconds) {
  const must = { lag: '<= 150 us / 2 ms', cpu: '<= 20 % of a core' };
  const lagTest = 'send lag at 750/s with the live view, p50 / p99';
  const cpuTest = 'CPU at 750/s of generator and live view';
  let viewCpu = null;
  const run = await generate({ load: loadOf(750, seconds) }, async () => {
    // Longer than the load and its warm-up: the view draws through all that is measured.
    viewCpu = await runLiveView(seconds + 3);
  });
  if (viewCpu === null) {
    return [
      row(lagTest, must.lag, 'not measured', null),
      row(cpuTest, must.cpu, 'not measured', null),
    ];
  }
  const cpu = run.cpuShare + viewCpu;
  const { p50, p99 } = run.lag;
  return [
    row(lagTest, must.lag, `${us(p50)} / ${us(p99)}`, p50 <= 150 && p99 <= 2000, {
      figures: run.lag,
      others: Math.max(0, run.othersCpu - viewCpu),
    }),
    row(cpuTest, must.cpu, `${percent(run.cpuShare)} + ${percent(viewCpu)}`, cpu <= 0.2),
  ];
}

const steps = [20_000, 30_000, 40_000, 50_000, 60_000, 80_000];

/** The highest of a few rates that is kept with a lag p99 of at most a millisecond. */
export async function maximum(seconds, tries) {
  let best = 0;
  const seen = [];
  for (const rate of steps) {
    const kept = await keeps(rate, seconds, tries, seen);
    if (!kept) break;
    best = rate;
  }
  return [
    row(
      'open-loop maximum of one generator, lag p99 <= 1 ms',
      '>= 30,000/s',
      `${best}/s`,
      best >= 30_000,
      { figures: seen, others: Math.max(...seen.map(({ othersCpu }) => othersCpu)) },
    ),
  ];
}

async function keeps(rate, seconds, tries, seen) {
  const run = await generateQuietly({ load: loadOf(rate, seconds) }, tries);
  const { outcome, lag, cpuShare, othersCpu } = run;
  seen.push({ rate, p99: lag.p99, valid: outcome.valid, cpuShare, othersCpu });
  return outcome.valid && lag.p99 <= 1000;
}

/**
 * A receiver frozen for a second. Of a run of D seconds the messages due in the frozen F seconds wait
 * from F down to 0, evenly: 1 % of all wait longer than F - D/100.
 */
export async function freeze(seconds) {
  const quiet = await frozenRun(seconds, 0);
  const frozen = await frozenRun(seconds, 1000);
  const analytic = frozen.frozenMs - (seconds * 1000) / 100;
  const error = frozen.publish.p99 / 1000 / analytic - 1;
  const p50Ratio = frozen.publish.p50 / quiet.publish.p50;
  return [
    row(
      '1 s freeze at 750/s: p99 against the analytic one',
      'within 5 %',
      `${(frozen.publish.p99 / 1000).toFixed(0)} ms for ${analytic.toFixed(0)} ms`,
      Math.abs(error) <= 0.05,
      { figures: frozen.publish, others: frozen.othersCpu },
    ),
    row(
      '1 s freeze at 750/s: p50 against the quiet run',
      '< 2 x',
      `${p50Ratio.toFixed(2)} x`,
      p50Ratio < 2,
      { others: Math.max(quiet.othersCpu, frozen.othersCpu) },
    ),
  ];
}

function frozenRun(seconds, freezeMs) {
  return withReceiver(async (port, receiver) => {
    let frozenMs = 0;
    const result = await generate({ load: loadOf(750, seconds), port }, async () => {
      if (freezeMs > 0) frozenMs = await freezeFor(receiver, freezeMs, seconds);
    });
    return { ...result, frozenMs };
  });
}

/** Freezes in the middle of the measured stage; answers how long it really was. */
async function freezeFor(receiver, freezeMs, seconds) {
  await pause(2500 + (seconds * 1000) / 2);
  const from = performance.now();
  receiver.kill('SIGSTOP');
  await pause(freezeMs);
  receiver.kill('SIGCONT');
  return performance.now() - from;
}

/** Two walks over a schedule with every feature of it. */
export function sameSeed() {
  const describe = (seed, arrival) =>
    describeSchedule(createSchedule(loadOf(750, 60, arrival), seed, `run-${seed}`)).sha256;
  const first = ['uniform', 'poisson'].map((arrival) => describe(1, arrival));
  const again = ['uniform', 'poisson'].map((arrival) => describe(1, arrival));
  const same = first.join() === again.join();
  const differs = first[1] !== describe(2, 'poisson');
  const found = same ? `identical: ${first[1].slice(0, 12)}` : 'different';
  return [row('same seed twice', 'identical schedule and payloads', found, same && differs)];
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
