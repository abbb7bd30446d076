/** The folder of an embedded deployment: made, shown, removed, looked at. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Finding, Provisioner, Resource } from '../../engine/backend.js';
import { asOncectlError } from '../../engine/errors.js';
import { checkFolder, type Layout } from './folder.js';
import { openEmbedded } from './index.js';
import { storageError } from './storage-error.js';

export interface EmbeddedProvisionOptions {
  readonly folder: string;
  readonly layout: Layout;
}

const probes = 20;
const slowSyncMs = 20;
const leastFreeBytes = 1024 ** 3;
const gibibyte = 1024 ** 3;

/** Removes a folder only when its mark says that it is an embedded deployment of ours. */
export function embeddedProvisioner({ folder, layout }: EmbeddedProvisionOptions): Provisioner {
  const resource = (state: Resource['state'], detail: string | null = null): Resource => ({
    ...{ kind: 'folder', name: folder, state, detail },
  });
  const look = (): Resource => {
    if (!existsSync(join(folder, 'oncectl.json'))) return resource('missing');
    try {
      checkFolder(folder, layout);
      return resource('ready');
    } catch (error) {
      return resource('wrong', asOncectlError(error).message);
    }
  };
  return {
    inspect: async () => [look()],
    create: async (onMade) => {
      if (look().state === 'ready') return;
      const deployment = await openEmbedded({ folder, layout, worker: 'deploy' });
      await deployment.close();
      onMade?.(resource('ready'));
    },
    remove: async (onRemoved) => {
      if (!existsSync(folder)) return;
      checkFolder(folder, null);
      rmSync(folder, { recursive: true, force: true });
      onRemoved?.(resource('missing'));
    },
    async *examine() {
      const { state, detail } = look();
      const hint = state === 'missing' ? 'oncectl deploy up makes it' : null;
      const verdict = state === 'wrong' ? 'breaks' : 'ok';
      yield { what: `folder ${folder}`, verdict, detail: detail ?? state, hint };
      yield* disk(existsSync(folder) ? folder : dirname(folder));
    },
    close: async () => {},
  };
}

function* disk(folder: string): Generator<Finding> {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const enough = free >= leastFreeBytes;
  yield {
    what: 'free disk space',
    verdict: enough ? 'ok' : 'note',
    detail: `${(free / gibibyte).toFixed(1)} GiB`,
    hint: enough ? null : 'a full disk stops the deployment; nothing is lost, but nothing goes on',
  };
  const syncMs = syncTimes(folder).sort((a, b) => a - b);
  const median = syncMs[Math.floor(syncMs.length / 2)] ?? 0;
  yield {
    what: 'fdatasync of 4 KiB',
    verdict: median < slowSyncMs ? 'ok' : 'note',
    detail: `median ${median.toFixed(2)} ms, longest ${(syncMs.at(-1) ?? 0).toFixed(2)} ms`,
    hint: median < slowSyncMs ? null : 'every hop waits for two or three of them',
  };
}

/** Also shows whether the folder can be written. */
function syncTimes(folder: string): number[] {
  const path = join(folder, `.oncectl-probe-${process.pid}`);
  try {
    const file = openSync(path, 'w');
    const times = Array.from({ length: probes }, () => {
      const began = performance.now();
      writeSync(file, Buffer.alloc(4096), 0, 4096, 0);
      fdatasyncSync(file);
      return performance.now() - began;
    });
    closeSync(file);
    return times;
  } catch (error) {
    throw storageError(error, folder, 'no');
  } finally {
    rmSync(path, { force: true });
  }
}
