/**
 * Clears away stale markers (`markers.ts`, K3): those that a crash left between a marker and its commit,
 * or between the end of an entry and of its marker. Workers do it now and then, in the background.
 */
import type { S3BusinessStore } from './business.js';
import type { Deletes } from './deletes.js';
import type { EntityStore } from './entity-store.js';
import type { Life } from './life.js';
import { type FoundMarker, type Markers, markedBy } from './markers.js';

export interface SweepParts {
  readonly business: S3BusinessStore;
  readonly entities: EntityStore;
  readonly markers: Markers;
  readonly deletes: Deletes;
  /** Ends the sweep when the stores are closed. */
  readonly life: Life;
}

/** Markers looked at together. */
const atOnce = 8;

/**
 * Looks at every marker last written before `olderThan`; returns how many were stale. Age is only for
 * economy: a young marker is mostly that of a commit under way.
 */
export async function sweepMarkers(parts: SweepParts, olderThan: number): Promise<number> {
  let stale = 0;
  for await (const markers of parts.markers.all(atOnce)) {
    if (parts.life.closed) break;
    const old = markers.filter(({ lastModified }) => lastModified < olderThan);
    const swept = await Promise.all(old.map((marker) => sweep(marker, parts)));
    stale += swept.filter((isStale) => isStale).length;
  }
  return stale;
}

async function sweep(marker: FoundMarker, parts: SweepParts): Promise<boolean> {
  const { business, entities, deletes } = parts;
  let { row } = await entities.read(marker);
  if (row.version < marker.at) {
    // The commit that the marker belongs to could still come. When this loses, another commit won.
    await business.raise(marker, row.version);
    ({ row } = await entities.read(marker));
  }
  if (row.version < marker.at || markedBy(marker, row)) return false;
  await deletes.add(marker.name);
  return true;
}
