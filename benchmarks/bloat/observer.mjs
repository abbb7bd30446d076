/** Looks at tables and latencies at fixed times of a run. */
import { HistogramSum } from '../../dist/src/load/histogram-sum.js';
import { machine } from '../postgres/machine.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Rows are the server's own estimates, which it keeps for autovacuum. */
const tablesQuery = `select relname as name, n_live_tup::integer as live, n_dead_tup::integer as dead,
    pg_relation_size(relid)::float8 as "tableBytes", pg_indexes_size(relid)::float8 as "indexBytes",
    autovacuum_count::integer as vacuums, autoanalyze_count::integer as analyzes,
    n_tup_ins::float8 as inserted, n_tup_del::float8 as deleted, n_tup_upd::float8 as updated,
    n_tup_hot_upd::float8 as "hotUpdated"
  from pg_stat_user_tables where pg_relation_size(relid) > 0 order by relname`;

export class Observer {
  #postgres;
  #database;
  #load;
  #startedAt = 0;
  #before = null;

  constructor(postgres, database, load) {
    this.#postgres = postgres;
    this.#database = database;
    this.#load = load;
  }

  async begin() {
    this.#load.begin();
    this.#startedAt = performance.now();
    this.#before = await this.#usage();
  }

  /** At so many ms after the begin: how the tables are, and how the time since the last sample was. */
  async sampleAt(ms) {
    await pause(this.#startedAt + ms - performance.now());
    const before = this.#before;
    const now = await this.#usage();
    this.#before = now;
    const seconds = (now.at - before.at) / 1000;
    const handled = now.handled - before.handled;
    const cpuSeconds = now.cpuSeconds - before.cpuSeconds;
    const perMessage = (cores) => (cores * 1000) / handled;
    return {
      atSeconds: ms / 1000,
      handledPerSecond: handled / seconds,
      queueWait: pointOf(now.intervals, 'queueWait'),
      hop: pointOf(now.intervals, 'hop'),
      workerMsPerMessage: perMessage(now.workerSeconds - before.workerSeconds),
      serverMsPerMessage: perMessage(now.serverSeconds - before.serverSeconds),
      othersCores: Math.max(0, now.busySeconds - before.busySeconds - cpuSeconds) / seconds,
      tables: await this.#tables(),
    };
  }

  async #usage() {
    const { worker, generator } = this.#load;
    const [report, sent] = await Promise.all([worker.report(), generator.report()]);
    if (!report || !sent)
      throw new Error('the worker or the generator is gone, or does not answer');
    const serverSeconds = this.#postgres.cpuSeconds();
    return {
      at: performance.now(),
      handled: report.worker.handled,
      intervals: report.intervals,
      workerSeconds: report.cpuSeconds,
      serverSeconds,
      cpuSeconds: report.cpuSeconds + sent.cpuSeconds + serverSeconds,
      busySeconds: machine().busySeconds,
    };
  }

  #tables() {
    return this.#postgres.asAdmin(this.#database, async (client) => {
      const { rows } = await client.query(tablesQuery);
      return rows;
    });
  }
}

/** p50 and p99 in ms, over all endpoints. */
function pointOf(intervals, wanted) {
  const sum = new HistogramSum();
  for (const { name, endpoint, hdr } of intervals) {
    if (name === wanted && endpoint === null) sum.add(hdr);
  }
  const { p50, p99 } = sum.point();
  return { p50Ms: p50 / 1000, p99Ms: p99 / 1000 };
}
