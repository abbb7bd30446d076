import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { root } from './run-cli.js';

it('answers --version in 1.5 times bare Node plus 100 ms', { retry: 2 }, () => {
  const { status, stdout } = spawnSync(process.execPath, ['benchmarks/start-up.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const [, version, limit] = /--version ([\d.]+) ms.*limit ([\d.]+) ms/.exec(stdout) ?? [];
  expect(Number(version)).toBeLessThanOrEqual(Number(limit));
});
