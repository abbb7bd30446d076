/** Who takes part. What each is set to, why, and what it guarantees is said in its own file. */

/**
 * `backlog` is a first guess of what is handled while it is measured; one that runs dry is measured
 * again with more.
 */
export const contenders = [
  ...['local-transaction', 'outbox', 'dedupe-store'].map((protocol) => ({
    name: `oncectl ${protocol}`,
    isPeer: false,
    module: './oncectl.mjs',
    options: { protocol, concurrency: 1024 },
    backlog: 250_000,
    guarantee: 'exactly once',
  })),
  ...[
    { name: 'pg-boss, batches of 100', batchSize: 100, workers: 4, setBased: false },
    { name: 'pg-boss, batches of 100, set-based', batchSize: 100, workers: 4, setBased: true },
    { name: 'pg-boss, batches of 500, set-based', batchSize: 500, workers: 2, setBased: true },
  ].map(({ name, ...options }) => ({
    name,
    isPeer: true,
    module: './pg-boss.mjs',
    options,
    backlog: options.setBased ? 250_000 : 80_000,
    isSetBased: options.setBased,
    guarantee: 'exactly once, a batch as a whole',
  })),
  {
    name: 'graphile-worker',
    isPeer: true,
    module: './graphile-worker.mjs',
    options: { inOne: false },
    backlog: 30_000,
    guarantee: 'at least once',
  },
  {
    name: 'graphile-worker, one statement',
    isPeer: true,
    module: './graphile-worker.mjs',
    options: { inOne: true },
    backlog: 40_000,
    guarantee: 'at least once',
  },
  ...[
    { name: 'pg-transactional-outbox, 5 at a time', listener: 'polling', atATime: 5 },
    { name: 'pg-transactional-outbox, 20 at a time', listener: 'polling', atATime: 20 },
    { name: 'pg-transactional-outbox, from the log', listener: 'replication', atATime: 20 },
  ].map(({ name, ...options }) => ({
    name,
    isPeer: true,
    module: './transactional-outbox.mjs',
    options,
    // Each look of the polling listener goes through all that waits: a long backlog would slow it down.
    backlog: 4000,
    guarantee: 'exactly once',
    ...(options.listener === 'replication' ? { settings: { wal_level: 'logical' } } : {}),
  })),
];
