/**
 * A folder as an operator has it: a run that left stuck entries, dead letters and orphans behind
 * (`@last`), a deployment with the same and a history of its own (`shop.yaml`), one without anything
 * (`empty.yaml`), one that was never made (`gone.yaml`), one out of reach (`down.yaml`), and the files
 * that commands take. Made once; what writes gets a copy.
 */
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultIn } from '../../bench/bench-cli.js';
import { type Ended, runCli } from '../run-cli.js';
import { wordsOf } from './words.js';

const endpoints = [
  { name: 'orders', sendsTo: ['payments', 'stock'] },
  {
    name: 'payments',
    sendsTo: 'billing',
    failing: [
      { share: '8 %', error: 'CardDeclined: the bank said no' },
      { share: '8 %', error: 'BankTimeout: no answer within 2 s' },
    ],
  },
  { name: 'stock', protocol: 'dedupe-store', sendsTo: 'shipping' },
  { name: 'billing', sendsTo: 'sink' },
  { name: 'shipping', protocol: 'outbox', sendsTo: 'sink' },
];

const steps = ['after put-payloads', 'after commit', 'after mark-checked'];

/** What a profile has besides its namespace; workers that die hold what they had for long: stuck. */
export function profileOf(namespace: string, deployment: object = {}) {
  return {
    name: namespace,
    workers: 2,
    deployment: {
      ...{ protocol: 'token', backend: 'embedded', namespace, visibility: '10m' },
      ...{ maxAttempts: 2, backoff: '50ms', endpoints },
      outboxes: [{ ...legacy, url: unreachable }],
      ...deployment,
    },
    load: { rate: '100/s', warmup: '0s', duration: '4s', enter: ['orders'] },
    faults: steps.map((step, index) => ({
      ...{ kind: 'kill', at: `${1000 + index * 300}ms`, every: '700ms', step },
    })),
    drain: { timeout: '3s', mayLeave: true },
  };
}

export const legacy = {
  ...{ name: 'legacy', kind: 'table', table: 'outgoing', to: 'orders' },
  columns: { id: 'id', payload: 'body', type: 'kind', key: 'customer', createdAt: 'created' },
  dispatched: { column: 'state', before: 'NEW', after: 'SENT' },
};

/** Nobody listens on port 1. */
const unreachable = 'postgres://nobody@127.0.0.1:1/nothing';

/** What placeholders in command lines stand for. */
export interface Ids {
  /** Has an entry, in the run and in the shop. */
  readonly stuck: string;
  readonly dead: string;
  readonly otherDead: string;
  /** Is known by a dispatched entry at `stock`. */
  readonly known: string;
  /** In quarantine. */
  readonly payload: string;
  /** A log entry that can be undone. */
  readonly log: string;
  readonly moment: string;
}

export interface Prepared {
  readonly folder: string;
  readonly ids: Ids;
  /** What commands printed while the folder was made, by their ids. */
  readonly printed: ReadonlyMap<string, Ended>;
  copy(): string;
  remove(): void;
}

export async function prepare(): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), 'oncectl-all-'));
  const copies = mkdtempSync(join(tmpdir(), 'oncectl-copies-'));
  const printed = new Map<string, Ended>();
  const run = async (line: string): Promise<string> => {
    const ended = await runCli(wordsOf(line), { cwd: folder });
    if (ended.code !== 0) throw new Error(`${line}: ${ended.code} ${ended.stderr}${ended.stdout}`);
    return ended.stdout;
  };
  const keep = async (command: string, line: string): Promise<void> => {
    const ended = await runCli([...wordsOf(line), '--json'], { cwd: folder });
    printed.set(command, ended);
  };
  const listed = async (line: string) => (await run(`${line} -q`)).trim().split('\n');

  writeProfiles(folder);
  let runId = '';
  for (let run = 0; run < mostRuns && !leftEnough(folder, runId); run++) {
    rmSync(join(folder, 'runs'), { recursive: true, force: true });
    await keep('bench:run', 'bench run shop.yaml --no-tui');
    [runId = ''] = readdirSync(join(folder, 'runs'));
  }
  cpSync(join(folder, 'runs', runId, 'store'), join(folder, '.oncectl', 'shop'), {
    recursive: true,
  });
  await run('deploy up empty.yaml');

  const inRun = await listed('outbox list -p shop.yaml --older 1ms');
  // The oldest are those whose payloads were put: repaired, they leave orphans.
  const [stuck = ''] = inRun.slice(-2);
  const others = inRun.slice(0, -2);
  const repair = `outbox repair -p shop.yaml --older 1ms --include-held`;
  await keep('outbox:repair', `${repair} ${others.join(' ')} --yes`);
  await keep('token:sweep', 'token sweep -p shop.yaml --older 1ms --yes');
  await run(`${repair} --plan p.json`);
  await run('outbox repair -p empty.yaml --plan none.json');
  const [dead = '', otherDead = '', gone = ''] = await listed('dead list -p shop.yaml');
  await keep('dead:discard', `dead discard ${gone} -p shop.yaml --yes --backup backups`);
  const [backup = ''] = readdirSync(join(folder, 'backups'));
  copyFileSync(join(folder, 'backups', backup), join(folder, 'b.ndjson'));
  const [log = ''] = await listed('log -p shop.yaml');
  const [known = ''] = await listed('dedupe list -p shop.yaml --endpoint stock');
  const [payload = ''] = await listed('token list -p shop.yaml --quarantined');
  await run('verify --mutant check-before-load --trace trace.json');
  await run('profile init my.yaml');
  const moment = new Date().toISOString();
  return {
    ...{ folder, printed, ids: { stuck, dead, otherDead, known, payload, log, moment } },
    copy: () => {
      const copy = mkdtempSync(join(copies, 'copy-'));
      cpSync(folder, copy, { recursive: true });
      return copy;
    },
    remove: () => {
      for (const one of [folder, copies]) rmSync(one, { recursive: true, force: true });
    },
  };
}

/** On a machine that is very busy a kill may find nobody at work. */
const mostRuns = 3;

function leftEnough(folder: string, runId: string): boolean {
  if (runId === '') return false;
  const { leftBehind } = resultIn(join(folder, 'runs', runId));
  const sum = (counts: Readonly<Record<string, number>> = {}) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  const enough = 5;
  return (
    (leftBehind?.orphans ?? 0) >= enough &&
    sum(leftBehind?.stuck) >= enough &&
    sum(leftBehind?.dead) >= enough
  );
}

function writeProfiles(folder: string): void {
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  write('shop.yaml', profileOf('shop'));
  write('empty.yaml', profileOf('empty'));
  write('gone.yaml', profileOf('gone'));
  write('down.yaml', profileOf('down', { backend: 'postgres', postgres: { url: unreachable } }));
  write('fixed.json', { amount: 12 });
}
