/** Orphans of killed workers on real servers: proven, quarantined, deleted, and the audit stays clean. */
import { beforeAll, expect, it } from 'vitest';
import type { Environment } from '../../src/dev/server.js';
import type { BenchFolder } from '../bench/bench-cli.js';
import { environmentOf } from '../servers/provided.js';
import { isFull } from './length.js';
import { expectClean, inFolder } from './operator.js';
import { json, type StoppedVariation, stop } from './stopped.js';

const longestMs = 400_000;
const now = ['-p', '@last', '--older', '1ms'];

beforeAll(() => {
  const servers: readonly Environment[] = [environmentOf('postgres-18'), environmentOf('sqs-s3')];
  Object.assign(process.env, ...servers);
});

const backends = [
  ['postgres', 'reads', { deployment: { backend: 'postgres' } }],
  ['sqs-s3', 'receives', { rate: '5/s', betweenMs: 2000, deployment: { backend: 'sqs-s3' } }],
] as const;

it.runIf(isFull).each(backends)(
  '%s: what is proven is swept, and what was not searched is said',
  (_backend, searching, variation) => inFolder((folder) => swept(folder, searching, variation)),
  longestMs,
);

async function swept(
  folder: BenchFolder,
  searching: 'reads' | 'receives',
  variation: StoppedVariation,
): Promise<void> {
  await stop(folder, 'token', variation);
  await expectClean(folder);
  const listed = await json(folder, 'token', 'list', ...now);
  expect(listed.code, listed.stderr).toBe(0);
  const { data, coverage } = listed.document;
  const blind = searching === 'receives' ? { store: 'broker', searched: false } : undefined;
  if (blind) expect(coverage[0]).toMatchObject(blind);
  else expect(coverage).toEqual([]);
  expect(data.length).toBeGreaterThan(0);
  expect(new Set(data.map(({ verdict }: { verdict: string }) => verdict))).toEqual(
    new Set(['orphan']),
  );
  const all = { done: data.length, failed: 0 };
  const quarantined = await json(folder, 'token', 'sweep', ...now, '--yes');
  expect(quarantined.document.data.counts, quarantined.stderr).toMatchObject(all);
  const flags = ['--delete-quarantined', '--quarantined-for', '0s', '--yes'];
  const deleted = await json(folder, 'token', 'sweep', ...now, ...flags);
  expect(deleted.document.data.counts, deleted.stderr).toMatchObject(all);
  expect((await json(folder, 'token', 'list', ...now)).document.data).toEqual([]);
  await expectClean(folder);
}
