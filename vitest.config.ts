import { defineConfig } from 'vitest/config';

const withServers = ['test/**/*.servers.test.ts'];

/**
 * Two projects: tests that talk to real servers of this machine, which their set-up starts once, and
 * all others. Two workers: the tests start processes of their own, and must pass on two cores.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { NO_COLOR: '1' },
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: withServers,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: withServers,
          globalSetup: 'test/servers/global-setup.ts',
        },
      },
    ],
  },
});
