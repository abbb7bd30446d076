/**
 * The quarantine: which payloads are to be deleted, since when, by whom, and by which proof. The payload
 * itself stays where it is until then, so a consumer that needs it after all still finds it.
 *
 * The records lie in a fixed number of oncectl's own cells, by a digest of the payload's id. A cell is
 * changed by compare-and-set, so two operators may sweep at once; it holds so many records and no more,
 * so that none outgrows what a store takes as one entity.
 */
import { hash } from 'node:crypto';
import type { Cells } from '../../engine/control/cells.js';
import type { PayloadOrigin } from '../../engine/ports.js';
import type { Proof } from './proof.js';

export interface Quarantined {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly by: string;
  /** The proof that its attempt lost. */
  readonly proof: Proof;
  readonly origin: PayloadOrigin;
  /** Island in whose payload store it lies. */
  readonly island: string;
  /** Somebody began to delete it: from here on it cannot be lifted. */
  readonly deletion?: { readonly by: string; readonly at: number };
}

const pages = 64;
const mostOnAPage = 400;

type Page = Readonly<Record<string, Quarantined>>;

/** All records, by payload id. */
export async function quarantined(cells: Cells): Promise<ReadonlyMap<string, Quarantined>> {
  const read = Array.from({ length: pages }, (_, page) => cells.read<Page>(nameOf(page)));
  const found = await Promise.all(read);
  return new Map(found.flatMap(({ value }) => Object.entries(value ?? {})));
}

export async function quarantineOf(cells: Cells, id: string): Promise<Quarantined | null> {
  return (await cells.read<Page>(nameOf(pageOf(id)))).value?.[id] ?? null;
}

/** `there`: somebody was faster. `full`: what is in quarantine must be deleted first. */
export async function quarantine(
  cells: Cells,
  id: string,
  record: Quarantined,
): Promise<'done' | 'there' | 'full'> {
  let result: 'done' | 'there' | 'full' = 'done';
  await cells.update<Page>(nameOf(pageOf(id)), (page) => {
    const known = page ?? {};
    if (known[id] !== undefined) result = 'there';
    else result = Object.keys(known).length >= mostOnAPage ? 'full' : 'done';
    return result === 'done' ? { ...known, [id]: record } : undefined;
  });
  return result;
}

/** Before the deletion; again is no error. False: the quarantine that began at `since` was lifted. */
export async function beginDeletion(
  cells: Cells,
  id: string,
  since: number,
  by: string,
): Promise<boolean> {
  const page = await cells.update<Page>(nameOf(pageOf(id)), (known) => {
    const record = known?.[id];
    if (record?.since !== since || record.deletion) return undefined;
    return { ...known, [id]: { ...record, deletion: { by, at: Date.now() } } };
  });
  return page?.[id]?.since === since;
}

/** Lifts a quarantine, unless the deletion began. */
export async function liftQuarantine(
  cells: Cells,
  id: string,
): Promise<'done' | 'none' | 'deleting'> {
  let result: 'done' | 'none' | 'deleting' = 'none';
  await cells.update<Page>(nameOf(pageOf(id)), (page) => {
    const record = page?.[id];
    result = record === undefined ? 'none' : record.deletion ? 'deleting' : 'done';
    return result === 'done' ? without(page, id) : undefined;
  });
  return result;
}

/** Ends the quarantine that began at `since`; false when there is none, or another. */
export async function endQuarantine(cells: Cells, id: string, since: number): Promise<boolean> {
  let ended = false;
  await cells.update<Page>(nameOf(pageOf(id)), (page) => {
    ended = page?.[id]?.since === since;
    return ended ? without(page, id) : undefined;
  });
  return ended;
}

function without(page: Page | null, id: string): Page {
  const { [id]: _, ...others } = page ?? {};
  return others;
}

function pageOf(id: string): number {
  return Number.parseInt(hash('sha256', id, 'hex').slice(0, 4), 16) % pages;
}

function nameOf(page: number): string {
  return `token/quarantine/${page}`;
}
