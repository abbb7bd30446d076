/**
 * Pending entries and slots by their markers, in the order of the markers' names, which is what a
 * cursor is. What the entity itself says counts: a marker without an entry is passed over.
 */
import type { PendingEntry } from '../../../engine/ports.js';
import type { EntityRow } from './entity-row.js';
import type { EntityStore } from './entity-store.js';
import { type FoundMarker, type Markers, markedBy } from './markers.js';

/** Entities read at once: each marker of a page may be of another one. */
const readsAtOnce = 16;

export async function listPending(
  parts: { readonly entities: EntityStore; readonly markers: Markers },
  endpoint: string,
  olderThan: number,
  after: string | null,
  limit: number,
): Promise<PendingEntry[]> {
  const found: PendingEntry[] = [];
  for await (const markers of parts.markers.pages(endpoint, after, readsAtOnce)) {
    const rows = await readRows(parts.entities, markers);
    for (const [at, marker] of markers.entries()) {
      const row = rows[at];
      const pending = row && pendingBy(marker, row);
      if (!pending || pending.committedAt >= olderThan) continue;
      found.push(pending);
      if (found.length >= limit) return found;
    }
  }
  return found;
}

/** The entity of each marker; each of them is read once. */
export async function readRows(
  entities: EntityStore,
  markers: readonly FoundMarker[],
): Promise<readonly EntityRow[]> {
  const reads = new Map<string, Promise<EntityRow>>();
  const rows = markers.map((marker) => {
    const read = reads.get(marker.key) ?? entities.read(marker).then(({ row }) => row);
    reads.set(marker.key, read);
    return read;
  });
  return Promise.all(rows);
}

/** What the marker stands for, if it is still there and still pending. */
export function pendingBy(marker: FoundMarker, row: EntityRow): PendingEntry | null {
  const marked = markedBy(marker, row);
  const held = marked && ('slot' in marked ? marked.slot : marked.entry);
  if (!held || !marked) return null;
  const step = 'slot' in marked ? 'slot' : marked.entry.step;
  if (step === 'dispatched') return null;
  const { endpoint, key, messageId, cursor } = marker;
  const { worker, committedAt } = held;
  return { endpoint, key, messageId, step, worker, committedAt, cursor };
}
