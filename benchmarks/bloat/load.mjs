/** The load: the bench's own generator and worker processes, without audit. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessHandle } from '../../dist/src/bench/processes/handle.js';
import { openProvisioner } from '../../dist/src/deployment/provision.js';
import { loadProfile } from '../../dist/src/profile/load.js';

const endpoints = 3;
const longestRetentionMs = 60_000;

/** A chain of three; the last sends to nobody, so that nothing piles up behind it. */
export async function steadyProfile({ url, protocol, rate, durationMs }) {
  // Purged six times over before the last third, however short the run.
  const retentionMs = Math.min(longestRetentionMs, durationMs / 10);
  const { profile } = await loadProfile('classic', {
    set: [
      'audit=off',
      'deployment.backend=postgres',
      `deployment.postgres.url=${url}`,
      `deployment.protocol=${protocol}`,
      `deployment.endpoints.chain=${endpoints}`,
      `deployment.retention=${Math.ceil(retentionMs)}ms`,
      `load.rate=${rate / endpoints}/s`,
      'load.warmup=0s',
      // It is ended, not waited for.
      `load.duration=${Math.ceil(durationMs / 1000) + 60}s`,
    ],
  });
  const all = profile.deployment.endpoints;
  const last = { ...all.at(-1), sendsTo: [] };
  return {
    ...profile,
    deployment: { ...profile.deployment, endpoints: [...all.slice(0, -1), last] },
  };
}

/** Runs `use` while the load goes on; it begins when `use` says so. */
export async function withLoad(profile, folder, use) {
  const provisioner = await openProvisioner({ profile, folder });
  await provisioner.create();
  await provisioner.close();
  const runFolder = join(folder, 'run');
  mkdirSync(runFolder, { recursive: true });
  const configOf = (name) => ({
    name,
    profile,
    runId: 'bench-bloat',
    runFolder,
    storeFolder: runFolder,
    evidenceFolder: runFolder,
    logLevel: 'error',
  });
  const started = [];
  try {
    const worker = await ProcessHandle.start('worker', configOf('worker-1'));
    started.push(worker);
    const generator = await ProcessHandle.start('generator', configOf('generator'));
    started.push(generator);
    const begin = () => {
      for (const handle of started) handle.send({ type: 'begin', startAt: Date.now() });
    };
    return await use({ worker, generator, begin });
  } finally {
    for (const handle of started) handle.kill();
    await Promise.all(started.map(({ exited }) => exited));
  }
}
