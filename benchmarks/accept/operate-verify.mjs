/** What the verifier has to say of repair, at full length: rows of the acceptance of operating. */
import { join } from 'node:path';
import { bridge, protocols } from '../../dist/src/engine/protocols/index.js';
import { explore } from '../../dist/src/verify/explore.js';
import { mutants, verifyMutant } from '../../dist/src/verify/index.js';
import { appending, forwardingTo } from '../../dist/src/verify/scenario.js';
import { captureScript, root } from '../../scripts/run.mjs';

const strong = { business: 'strong', dedupe: 'strong', payload: 'strong' };
const stale = { ...strong, business: 'stale' };
const repaired = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'];
const limits = { timeMs: 600_000, mostStates: 60_000_000 };
const one = join(root, 'benchmarks', 'accept', 'verify-one.mjs');

const beside = (repairs) => {
  return { workers: 2, copies: 2, crashes: 2, unknowns: 0, attempts: 2, repairs };
};
const late = { workers: 2, copies: 2, crashes: 1, unknowns: 1, attempts: 2, repairs: 1 };
const two = { workers: 2, copies: 1, crashes: 1, unknowns: 0, attempts: 2, repairs: 1 };

function holding(protocol, messages, bounds, stores) {
  const { workers, copies, crashes, unknowns, attempts, repairs } = bounds;
  const model = stores === strong ? '' : ' --business stale';
  const flags = `--workers ${workers} --messages ${messages} --copies ${copies} --crashes ${crashes} --late ${unknowns} --attempts ${attempts} --repairs ${repairs}${model} --time 10m`;
  const what = `${workers} workers, ${messages} x ${copies} copies, ${crashes} crashes, ${unknowns} late`;
  return {
    line: `${protocol} holds beside ${repairs} repair${repairs > 1 ? 's' : ''}, exhaustively: ${what}${model === '' ? '' : ', stale business reads'}`,
    command: `oncectl verify ${protocol} ${flags}`,
    async run() {
      const asked = JSON.stringify({ protocol, messages, bounds, stores, limits });
      const { code, output } = await captureScript(one, [asked]);
      if (code !== 0) return { figure: output.trim().split('\n').at(-1) ?? '', holds: false };
      const { verdicts, states, seconds, mib } = JSON.parse(output);
      const figure = `${verdicts.join(', ')}; ${states.toLocaleString('en-US')} states, ${seconds.toFixed(0)} s, ${mib.toFixed(0)} MiB`;
      return { figure, holds: verdicts.every((verdict) => verdict === 'holds') };
    },
  };
}

function bridged(by, to) {
  return {
    line: `a bridge by ${by} to ${to} holds beside 2 repairs, exhaustively, stale business reads`,
    command: 'npm run accept -- operate-verify',
    async run() {
      const scenario = {
        endpoints: [
          { name: 'orders', protocol: bridge(by), handler: forwardingTo('billing') },
          { name: 'billing', protocol: protocols[to], handler: appending },
        ],
        entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
        stores: stale,
        bounds: { ...beside(2), copies: 1, crashes: 1 },
        wrongs: {},
      };
      const { verdict, found, states } = await explore(scenario, limits);
      const figure = `${found?.invariant ?? verdict}; ${states.toLocaleString('en-US')} states`;
      return { figure, holds: verdict === 'holds' };
    },
  };
}

const caught = {
  line: 'every wrong repair is caught, each by the invariant it breaks',
  command: 'oncectl verify --mutant all',
  async run() {
    const wrongRepairs = mutants.filter(({ repairing }) => repairing);
    const figures = [];
    let holds = wrongRepairs.length > 0;
    for (const mutant of wrongRepairs) {
      const { found } = await verifyMutant(mutant, limits);
      holds &&= found?.invariant === mutant.breaks;
      figures.push(`${mutant.name} ${found?.invariant} in ${found?.trace.length}`);
    }
    return { figure: figures.join(', '), holds };
  },
};

export const rows = [
  ...repaired.flatMap((protocol) => [
    ...[strong, stale].flatMap((stores) => [
      holding(protocol, 1, beside(1), stores),
      holding(protocol, 1, beside(2), stores),
      holding(protocol, 1, late, stores),
    ]),
    holding(protocol, 2, two, stale),
  ]),
  bridged('id', 'outbox'),
  bridged('id', 'dedupe-store'),
  bridged('token', 'token'),
  bridged('token', 'register-commit-publish'),
  bridged('transaction', 'local-transaction'),
  caught,
];
