/**
 * One measurement of one contender: a database of its own, its backlog queued by a process that ends
 * before the clock starts, then one client process at saturation. Processor time is the difference over
 * the window, the client's as it tells itself, the server's of all its processes, living and dead.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { machine } from '../postgres/machine.mjs';
import { withClient } from '../postgres/server.mjs';

const program = fileURLToPath(new URL('client.mjs', import.meta.url));
const warmUpMs = 2500;
const answersWithinMs = 120_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Cores that others may use beside a measurement before it counts as disturbed. */
const mostOthersCores = 0.25;

export const isQuiet = ({ othersCores }) => othersCores <= mostOthersCores;

/**
 * Handled a second and what it cost. Up to `tries` times, until the machine was quiet; the quietest
 * counts, whatever it measured.
 */
export async function measureQuietly(postgres, node, contender, { seconds, tries }) {
  let quietest;
  for (let attempt = 0; attempt < tries; attempt++) {
    const taken = await measure(postgres, node, contender, seconds);
    if (quietest === undefined || taken.othersCores < quietest.othersCores) quietest = taken;
    if (isQuiet(quietest)) break;
  }
  return quietest;
}

async function measure(postgres, node, contender, seconds) {
  if (contender.settings === undefined)
    return await measureFully(postgres, node, contender, seconds);
  return await postgres.withSettings(contender.settings, () =>
    measureFully(postgres, node, contender, seconds),
  );
}

/** Again with a longer backlog when it ran dry. */
async function measureFully(postgres, node, contender, seconds) {
  for (let count = contender.backlog; ; count *= 2) {
    const taken = await postgres.withDatabase('contest', (url) =>
      measureOnce(postgres, node, { ...contender, url, count }, seconds),
    );
    // The next round needs no second guess.
    contender.backlog = Math.max(contender.backlog, count);
    if (!taken.ranDry) return taken;
  }
}

async function measureOnce(postgres, node, contender, seconds) {
  const { url, module, options, count } = contender;
  const order = { module, options, url, adminUrl: postgres.urlOf('contest', 'postgres') };
  const { outcome } = await withClientProcess(node, (client) =>
    client.ask({ ...order, what: 'prepare', count }),
  );
  await postgres.asAdmin('contest', settle);
  return await withClientProcess(node, async (client) => {
    await client.ask({ ...order, what: 'run' });
    await pause(warmUpMs);
    const from = await look(postgres, client);
    await pause(seconds * 1000);
    const to = await look(postgres, client);
    const connections = await connectionsTo(postgres);
    const { handled } = await client.ask({ what: 'stop' });
    const found = await countsIn(url, outcome);
    const isRight = found.sent === handled && found.deposited === handled;
    if (!isRight)
      throw new Error(`${contender.name}: ${handled} handled, but ${JSON.stringify(found)}`);
    return { ...figures(from, to), connections, ranDry: handled >= count };
  });
}

/**
 * What autovacuum and the checkpointer would do soon, so that they do not do it while it is measured.
 * Tables without content are left alone, as autovacuum leaves them.
 */
async function settle(admin) {
  const { rows } = await admin.query(
    `select relid::regclass::text as name from pg_stat_user_tables where pg_relation_size(relid) > 0`,
  );
  for (const { name } of rows) await admin.query(`vacuum (analyze) ${name}`);
  await admin.query('checkpoint');
}

async function look(postgres, client) {
  const { handled, cpuSeconds } = await client.ask({ what: 'report' });
  const server = postgres.cpuSeconds();
  return { at: performance.now(), handled, client: cpuSeconds, server, machine: machine() };
}

function figures(from, to) {
  const handled = to.handled - from.handled;
  const seconds = (to.at - from.at) / 1000;
  const gained = (of) => of(to) - of(from);
  const clientMs = gained(({ client }) => client) * 1000;
  const serverMs = gained(({ server }) => server) * 1000;
  const busyMs = gained(({ machine: { busySeconds } }) => busySeconds) * 1000;
  return {
    handledPerSecond: handled / seconds,
    clientMsPerMessage: clientMs / handled,
    serverMsPerMessage: serverMs / handled,
    othersCores: Math.max(0, busyMs - clientMs - serverMs) / 1000 / seconds,
  };
}

async function connectionsTo(postgres) {
  return await postgres.asAdmin('postgres', async (admin) => {
    const { rows } = await admin.query(
      `select count(*)::integer as count from pg_stat_activity where datname = 'contest'`,
    );
    return rows[0].count;
  });
}

/** What the database says came of it all. */
function countsIn(url, { sent, deposited }) {
  return withClient(url, async (client) => ({
    sent: (await client.query(sent)).rows[0].count,
    deposited: (await client.query(deposited)).rows[0].count,
  }));
}

/** A process of `client.mjs` on that Node, ended when `use` is done with it. */
async function withClientProcess(node, use) {
  const child = fork(program, [], {
    execPath: node,
    // As oncectl's own workers have it: messages live for some milliseconds of promises.
    execArgv: ['--max-semi-space-size=64'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  // Whoever asks a process that is gone is told so.
  child.on('error', () => {});
  try {
    return await use({ ask: (order) => ask(child, order) });
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

function ask(child, order) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`a client process ended with ${code}`));
    if (child.exitCode !== null) onExit(child.exitCode);
    const late = setTimeout(
      () => reject(new Error(`no answer to "${order.what}" in ${answersWithinMs / 1000} s`)),
      answersWithinMs,
    );
    child.once('exit', onExit);
    child.once('message', (answer) => {
      clearTimeout(late);
      child.removeListener('exit', onExit);
      if (answer.error === undefined) resolve(answer);
      else reject(new Error(answer.error));
    });
    child.send(order);
  });
}
