/** The acceptance of the verifier. Run by `npm run accept -- verify`. */
import { mutants, verifyMutant, verifyProtocol } from '../../dist/src/verify/index.js';

const strong = { business: 'strong', dedupe: 'strong', payload: 'strong' };
const staleBusiness = { ...strong, business: 'stale' };
const protocols = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];
const limits = { timeMs: 600_000, mostStates: 40_000_000 };
/** Late writes are explored in smaller bounds by `npm test`; here every budget is the line's own. */
const two = { workers: 2, copies: 2, crashes: 2, unknowns: 0, attempts: 2 };
const three = { workers: 3, copies: 3, crashes: 2, unknowns: 0, attempts: 2 };

function holding(protocol, what, messages, bounds, stores, mostSeconds) {
  const { workers, copies, crashes, attempts } = bounds;
  const model = stores === strong ? '' : ' --business stale';
  const flags = `--workers ${workers} --messages ${messages} --copies ${copies} --crashes ${crashes} --late 0 --attempts ${attempts}${model} --time 10m`;
  return {
    line: `${protocol} holds, exhaustively: ${what}${model === '' ? '' : ', stale business reads'}`,
    command: `oncectl verify ${protocol} ${flags}`,
    async run() {
      const all = await verifyProtocol({ protocol, messages, bounds, stores }, limits);
      const states = all.reduce((sum, one) => sum + one.states, 0);
      const seconds = all.reduce((sum, one) => sum + one.ms, 0) / 1000;
      const mib = process.memoryUsage().rss / 2 ** 20;
      const verdicts = all.map(({ verdict, found }) => found?.invariant ?? verdict).join(', ');
      const figure = `${verdicts}; ${states.toLocaleString('en-US')} states, ${seconds.toFixed(0)} s, ${mib.toFixed(0)} MiB`;
      const exhausted = all.every(({ verdict }) => verdict === 'holds');
      return { figure, holds: exhausted && seconds <= mostSeconds && mib <= 4096 };
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

const quick = (protocol) => (['outbox', 'dedupe-store'].includes(protocol) ? 60 : 600);

export const rows = [
  ...protocols.flatMap((protocol) => [
    holding(
      protocol,
      '2 workers, 2 messages x 2 copies, 2 crashes',
      2,
      two,
      strong,
      quick(protocol),
    ),
    holding(protocol, '2 workers, 2 messages x 2 copies, 2 crashes', 2, two, staleBusiness, 600),
    holding(protocol, '3 workers, 1 message x 3 copies, 2 crashes', 1, three, strong, 600),
    holding(protocol, '3 workers, 1 message x 3 copies, 2 crashes', 1, three, staleBusiness, 600),
  ]),
  broken('dedupe-store', { dedupe: 'negative-cache' }, 'I2'),
  broken('dedupe-store', { dedupe: 'expiry' }, 'I2'),
  broken('token', { payload: 'stale-delete' }, 'I2'),
  broken('token', { payload: 'expiry' }, 'I1'),
  caught,
];
