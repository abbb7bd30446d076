/** Fills embedded deployments through their ports. */
import { join } from 'node:path';
import { openEmbedded } from '../../dist/src/backends/embedded/index.js';
import {
  EntriesAsked,
  entryBatches,
  entryEndpoint,
  MessagesAsked,
  messageBatches,
  shapes,
} from './data.mjs';

const mapSizeBytes = 32 * 1024 ** 3;

/** Three deployments: one with the messages, one for each shape of the entries. */
export async function fillEmbedded(folder, { messages, entries }) {
  const filled = [await withMessages(join(folder, 'messages'), messages)];
  for (const [at, shape] of shapes.entries()) {
    filled.push(await withEntries(join(folder, `entries-${at}`), entries, shape));
  }
  return filled;
}

async function withMessages(folder, count) {
  const { ports, close } = await openEmbedded(optionsOf(folder));
  const about = new MessagesAsked();
  for (const batch of messageBatches(count, 2_000)) {
    await ports.broker.send(batch);
    about.note(batch);
  }
  await close();
  return {
    ...{ target: { backend: 'embedded', folder }, what: 'messages', about },
    keys: ['queue: endpoint/time/copy -> state, message; no key tells an id: each is compared'],
  };
}

async function withEntries(folder, count, shape) {
  const { ports, close } = await openEmbedded(optionsOf(folder));
  const about = new EntriesAsked();
  for (const batch of entryBatches(count, 1_000, shape)) {
    const commit = (entry) => ports.business.commit(entryEndpoint, entry.key, 0, { entry });
    await Promise.all(batch.map(commit));
    about.note(batch);
  }
  await close();
  return {
    ...{ target: { backend: 'embedded', folder }, what: `entries ${shape}`, about },
    keys: [
      'entries: endpoint/message id -> head with committedAt; walked in the order of ids, without',
      'those made later than the oldest 100 were committed; none can be left out against the order',
    ],
  };
}

const optionsOf = (folder) => ({ folder, layout: 'separate', worker: 'fill', mapSizeBytes });
