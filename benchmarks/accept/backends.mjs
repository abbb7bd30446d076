/** The acceptance of the backends, a row per line of its list. Run by `npm run accept -- backends`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { captureScript, root } from '../../scripts/run.mjs';
import { benchRun, measuredStage, ms } from './runs.mjs';
import { restartAfter, withServers } from './servers.mjs';

const aws = ['sqs-s3', 'dynamodb'];

/**
 * What the servers of this machine carry beside the load on two cores: PostgreSQL the whole classic
 * load, the emulators of AWS, which are written in JavaScript, a part of it.
 */
const deployments = [
  { name: 'postgres', servers: ['postgres-18'], set: ['backend=postgres'], rate: '50/s' },
  { name: 'sqs-s3', servers: ['sqs-s3'], set: ['backend=sqs-s3'], rate: '2/s' },
  { name: 'sqs-dynamodb', servers: aws, set: ['backend=sqs-dynamodb'], rate: '3/s' },
  {
    name: 'mixed: SQS, PostgreSQL, payloads on S3',
    servers: ['postgres-18', 'sqs-s3'],
    set: ['backend=postgres', 'broker=sqs', 'payload=s3', 'protocol=token'],
    rate: '5/s',
  },
  {
    name: 'mixed: PostgreSQL queue, DynamoDB entities, dedupe records on S3',
    servers: ['postgres-18', ...aws],
    set: ['backend=postgres', 'business=dynamodb', 'dedupe=s3'],
    rate: '4/s',
  },
];

const islands = {
  name: 'bridged: SQL island, bridge, SQS + S3 island, bridge, SQL island',
  servers: ['postgres-18', 'sqs-s3'],
  set: ['backend=postgres', 'islands.cloud.backend=sqs-s3', 'islands.ledger.backend=postgres'],
  rate: '6/s',
};

function flags({ set, rate }, more = []) {
  const deployment = set.map((one) => `deployment.${one}`);
  const all = [...deployment, `load.rate=${rate}`, 'drain.timeout=5m', ...more];
  return all.flatMap((one) => ['--set', one]);
}

function shown({ code, result }) {
  const stage = measuredStage(result);
  const { correctness, faults, operations } = result;
  const kills = faults.filter(({ kind }) => kind === 'kill').length;
  const calls = Object.values(operations.perHandledMessage).reduce((sum, one) => sum + one, 0);
  return [
    `exit ${code}`,
    correctness?.clean ? 'clean' : 'VIOLATED',
    `${correctness?.handled} handled`,
    `${stage.handledPerSecond.toFixed(1)}/s`,
    `hop p99 ${ms(stage.latency.hop.p99)}`,
    ...(kills > 0 ? [`${kills} kills`] : []),
    `${calls.toFixed(1)} calls a message`,
  ].join(', ');
}

const isClean = ({ result }) => result.correctness?.clean === true && result.drained;

function classic(deployment) {
  const args = flags(deployment, ['thresholds=[]']);
  return {
    line: `classic on ${deployment.name}: audit clean`,
    command: `oncectl bench run classic ${args.join(' ')}`,
    run: () =>
      withServers(deployment.servers, async ({ env }) => {
        const run = await benchRun('classic', args, { env });
        return { figure: shown(run), holds: isClean(run) };
      }),
  };
}

/** Workers are killed and frozen by the profile; half way through, the servers are killed as well. */
function faulty(profile, deployment) {
  const args = flags(deployment, ['deployment.visibility=5s']);
  return {
    line: `${profile} on ${deployment.name}, every server killed and started again half way: audit clean`,
    command: `oncectl bench run ${profile} ${args.join(' ')}`,
    run: () =>
      withServers(deployment.servers, async ({ env, servers }) => {
        const restarted = restartAfter(servers, 35_000);
        const run = await benchRun(profile, args, { env });
        await restarted;
        return { figure: shown(run), holds: isClean(run) };
      }),
  };
}

const mostCpuMs = 0.8;

function onPostgres(protocol) {
  const args = ['--protocol', protocol, '--backend', 'postgres'];
  return {
    line: `classic on PostgreSQL with ${protocol}: 750/s, flat, clean, hop p99 < 50 ms, CPU of workers and server <= ${mostCpuMs} ms (goal 0.4)`,
    command: `oncectl bench run classic ${args.join(' ')}`,
    run: () =>
      withServers(['postgres-18'], async ({ env }) => {
        const run = await benchRun('classic', args, { env });
        const stage = measuredStage(run.result);
        const { workers, server } = run.result.resources;
        const cpu = workers.perHandledMessageMs + (server?.perHandledMessageMs ?? Number.NaN);
        const figure = `${shown(run)}, ${workers.perHandledMessageMs.toFixed(3)} + ${server?.perHandledMessageMs.toFixed(3)} = ${cpu.toFixed(3)} ms CPU, ${stage.backlog.flat ? 'flat' : 'GROWING'}`;
        const holds =
          run.code === 0 &&
          isClean(run) &&
          stage.backlog.flat &&
          stage.handledPerSecond >= 745 &&
          stage.latency.hop.p99 < 50_000 &&
          cpu <= mostCpuMs;
        return { figure, holds };
      }),
  };
}

function tests(line, files) {
  return {
    line,
    command: `npx vitest run ${files.join(' ')}`,
    async run() {
      const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
      const { code, output } = await captureScript(vitest, ['run', '--color=false', ...files]);
      const counted = output.split('\n').find((text) => text.includes('Tests '));
      return { figure: (counted ?? 'no tests').trim(), holds: code === 0 };
    },
  };
}

function benchmark(line, name, figureOf) {
  return {
    line,
    command: `npm run bench:${name}`,
    async run() {
      const { code, output } = await captureScript(join(root, 'benchmarks', `${name}.mjs`), []);
      if (code !== 0)
        return { figure: output.trim().split('\n').slice(-6).join(' '), holds: false };
      const path = join(root, 'benchmarks', 'results', `${name}.json`);
      return { figure: figureOf(JSON.parse(readFileSync(path, 'utf8'))), holds: true };
    },
  };
}

export const rows = [
  ...deployments.map(classic),
  ...deployments.map((deployment) => faulty('faulty', deployment)),
  faulty('bridged', islands),
  ...['local-transaction', 'outbox', 'dedupe-store'].map(onPostgres),
  benchmark('maximum throughput ahead of every peer on one PostgreSQL', 'peers', ({ rows: all }) =>
    all.map(({ name, handledPerSecond }) => `${name} ${handledPerSecond.toFixed(0)}/s`).join(', '),
  ),
  tests('the conformance suite passes for every backend and rejects every wrong store', [
    'test/conformance',
  ]),
  tests('wrong credentials, unreachable, missing, foreign, newer, full: one clear message each', [
    'test/backends',
  ]),
];
