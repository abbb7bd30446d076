/** `classic` with every protocol, and the three gather windows. */
import { benchRun, benchRunOnQuietDisk, measuredStage, ms } from './runs.mjs';

const cpuLimits = {
  'local-transaction': 0.8,
  outbox: 0.8,
  'dedupe-store': 0.8,
  token: 1.2,
  'register-commit-publish': 1.2,
};

function figures({ result, code }) {
  const stage = measuredStage(result);
  const { disk } = result.environment;
  return {
    stage,
    cpu: result.resources.workers.perHandledMessageMs,
    text: [
      `exit ${code}`,
      `${stage.handledPerSecond.toFixed(1)}/s`,
      stage.backlog.flat ? 'flat' : 'GROWING',
      `hop p99 ${ms(stage.latency.hop.p99)}`,
      `${result.resources.workers.perHandledMessageMs.toFixed(3)} ms CPU`,
      result.correctness.clean ? 'clean' : 'VIOLATED',
      disk.quiet ? 'quiet disk' : `noisy disk (fdatasync p99 ${disk.after?.p99Ms.toFixed(1)} ms)`,
    ].join(', '),
  };
}

const perProtocol = Object.entries(cpuLimits).map(([protocol, limit]) => ({
  line: `classic holds 750/s for 60 s with ${protocol}: flat, clean, p99 < 20 ms, CPU <= ${limit} ms`,
  command: `oncectl bench run classic --protocol ${protocol}`,
  async run() {
    const run = await benchRunOnQuietDisk('classic', ['--protocol', protocol]);
    const { stage, cpu, text } = figures(run);
    const holds =
      run.code === 0 &&
      run.result.correctness.clean &&
      stage.backlog.flat &&
      stage.handledPerSecond >= 745 &&
      stage.latency.hop.p99 < 20_000 &&
      cpu <= limit;
    return { figure: text, holds };
  },
}));

const goal = {
  line: 'goal: 0.4 ms CPU per handled message with outbox',
  command: 'oncectl bench run classic --protocol outbox',
  goal: true,
  async run() {
    const { cpu, text } = figures(await benchRun('classic', ['--protocol', 'outbox']));
    return { figure: text, holds: cpu <= 0.4 };
  },
};

const windows = {
  line: 'CPU and p99 for three gather windows (dedupe-store): one buys the other',
  command: 'oncectl bench run classic --set deployment.embedded.gather=1ms|2ms|4ms',
  async run() {
    const parts = [];
    for (const window of ['1ms', '2ms', '4ms']) {
      const set = ['--set', `deployment.embedded.gather=${window}`, '--set', 'load.duration=30s'];
      const { stage, cpu } = figures(await benchRun('classic', set));
      parts.push(`${window}: ${cpu.toFixed(3)} ms CPU, hop p99 ${ms(stage.latency.hop.p99)}`);
    }
    return { figure: parts.join('; '), holds: true };
  },
};

export const classicRows = [...perProtocol, windows, goal];
