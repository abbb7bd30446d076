/** The acceptance of the verifier. Run by `npm run accept -- verify`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants, verifyMutant, verifyProtocol } from '../../dist/src/verify/index.js';
import { captureScript, root } from '../../scripts/run.mjs';

const strong = { business: 'strong', dedupe: 'strong', payload: 'strong' };
const staleBusiness = { ...strong, business: 'stale' };
const protocols = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];
const limits = { timeMs: 600_000, mostStates: 60_000_000 };
const mostMib = 4096;
/** Late writes are explored in smaller bounds by `npm test`; here every budget is the line's own. */
const two = { workers: 2, copies: 2, crashes: 2, unknowns: 0, attempts: 2 };
const three = { workers: 3, copies: 3, crashes: 2, unknowns: 0, attempts: 2 };
const one = join(root, 'benchmarks', 'accept', 'verify-one.mjs');

function holding(protocol, messages, bounds, stores) {
  const { workers, copies, crashes, attempts } = bounds;
  const isFirst = messages === 2 && stores === strong;
  const mostSeconds = isFirst && ['outbox', 'dedupe-store'].includes(protocol) ? 60 : 600;
  const model = stores === strong ? '' : ' --business stale';
  const flags = `--workers ${workers} --messages ${messages} --copies ${copies} --crashes ${crashes} --late 0 --attempts ${attempts}${model} --time 10m`;
  const what = `${workers} workers, ${messages} x ${copies} copies, ${crashes} crashes`;
  return {
    line: `${protocol} holds, exhaustively: ${what}${model === '' ? '' : ', stale business reads'}`,
    command: `oncectl verify ${protocol} ${flags}`,
    async run() {
      const asked = JSON.stringify({ protocol, messages, bounds, stores, limits });
      const { code, output } = await captureScript(one, [asked]);
      if (code !== 0) return { figure: output.trim().split('\n').at(-1) ?? '', holds: false };
      const { verdicts, states, seconds, mib } = JSON.parse(output);
      const figure = `${verdicts.join(', ')}; ${states.toLocaleString('en-US')} states, ${seconds.toFixed(0)} s, ${mib.toFixed(0)} MiB`;
      const exhausted = verdicts.every((verdict) => verdict === 'holds');
      return { figure, holds: exhausted && seconds <= mostSeconds && mib <= mostMib };
    },
  };
}

function broken(protocol, stores, invariant) {
  const [[port, model]] = Object.entries(stores);
  return {
    line: `${protocol} with ${port} ${model} violates ${invariant}`,
    command: `oncectl verify ${protocol} --${port} ${model}`,
    async run() {
      const bounds = { ...two, crashes: 1, unknowns: 1 };
      const request = { protocol, messages: 1, bounds, stores: { ...strong, ...stores } };
      const [{ found }] = await verifyProtocol(request, limits);
      const figure = found ? `${found.invariant} in ${found.trace.length} steps` : 'holds';
      return { figure, holds: found?.invariant === invariant };
    },
  };
}

const caught = {
  line: 'every mutant is caught, each by the invariant it breaks',
  command: 'oncectl verify --mutant all',
  async run() {
    const wrong = [];
    for (const mutant of mutants) {
      const { found } = await verifyMutant(mutant, limits);
      if (found?.invariant !== mutant.breaks) wrong.push(mutant.name);
    }
    const figure = `${mutants.length - wrong.length} of ${mutants.length}${wrong.length > 0 ? `, not: ${wrong.join(', ')}` : ''}`;
    return { figure, holds: wrong.length === 0 };
  },
};

function tests(line, folder) {
  return {
    line,
    command: `npx vitest run ${folder}`,
    async run() {
      const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
      const { code, output } = await captureScript(vitest, ['run', '--color=false', folder]);
      const counted = output.split('\n').find((text) => text.includes('Tests '));
      return { figure: (counted ?? 'no tests').trim(), holds: code === 0 };
    },
  };
}

const speed = {
  line: 'goal: 300,000 states a second',
  command: 'npm run bench:verify',
  goal: true,
  async run() {
    await captureScript(join(root, 'benchmarks', 'verify.mjs'), []);
    const path = join(root, 'benchmarks', 'results', 'verify.json');
    const { rows: all } = JSON.parse(readFileSync(path, 'utf8'));
    const figure = all.map((row) => `${row.protocol} ${row.perSecond.toFixed(0)}/s`).join(', ');
    return { figure, holds: all.every((row) => row.perSecond >= 300_000) };
  },
};

export const rows = [
  ...protocols.flatMap((protocol) =>
    [strong, staleBusiness].flatMap((stores) => [
      holding(protocol, 2, two, stores),
      holding(protocol, 1, three, stores),
    ]),
  ),
  broken('dedupe-store', { dedupe: 'negative-cache' }, 'I2'),
  broken('dedupe-store', { dedupe: 'expiry' }, 'I2'),
  broken('token', { payload: 'stale-delete' }, 'I2'),
  broken('token', { payload: 'expiry' }, 'I1'),
  caught,
  tests('mutants pinned, and let through by a verifier without their invariant', 'test/verify'),
  tests('schedules on real stores, with real kills', 'test/replay'),
  speed,
];
