/** Is the end of a run like its beginning? In thirds, so that single bad intervals decide nothing. */

const mostLatency = 1.5;
/** Growth of what should be flat, from the second third to the last: more than sampling shows. */
const mostGrowth = 1.3;
/** Below these nothing can be said, and nothing is slow. */
const fewDead = 10_000;
const fewBytes = 16 * 1024 ** 2;

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const total = (tables, of) => tables.reduce((sum, table) => sum + of(table), 0);

/** Median p99 of each third, and the most dead rows and bytes in it. The first sample warms up. */
export function thirdsOf(samples) {
  const measured = samples.slice(1);
  const size = measured.length / 3;
  return [0, 1, 2].map((third) => {
    const own = measured.slice(Math.round(third * size), Math.round((third + 1) * size));
    const most = (of) => Math.max(...own.map(({ tables }) => total(tables, of)));
    return {
      queueWaitP50Ms: median(own.map(({ queueWait }) => queueWait.p50Ms)),
      queueWaitP99Ms: median(own.map(({ queueWait }) => queueWait.p99Ms)),
      hopP99Ms: median(own.map(({ hop }) => hop.p99Ms)),
      cpuMsPerMessage: median(
        own.map(
          ({ workerMsPerMessage, serverMsPerMessage }) => workerMsPerMessage + serverMsPerMessage,
        ),
      ),
      othersCores: median(own.map(({ othersCores }) => othersCores)),
      mostDead: most(({ dead }) => dead),
      mostBytes: most(({ tableBytes, indexBytes }) => tableBytes + indexBytes),
    };
  });
}

export function judge(samples) {
  const [first, second, last] = thirdsOf(samples);
  const ms = (figure) => `${figure.toFixed(1)} ms`;
  const mebibytes = (bytes) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  return [
    {
      what: 'queue latency p99, median of the intervals',
      holds: last.queueWaitP99Ms <= mostLatency * first.queueWaitP99Ms,
      detail: `${ms(first.queueWaitP99Ms)} in the first third, ${ms(last.queueWaitP99Ms)} in the last`,
    },
    {
      what: 'dead rows, at most',
      holds: last.mostDead <= Math.max(fewDead, mostGrowth * second.mostDead),
      detail: `${second.mostDead} in the second third, ${last.mostDead} in the last`,
    },
    {
      what: 'bytes of tables and indexes, at most',
      holds: last.mostBytes <= Math.max(fewBytes, mostGrowth * second.mostBytes),
      detail: `${mebibytes(second.mostBytes)} in the second third, ${mebibytes(last.mostBytes)} in the last`,
    },
  ];
}
