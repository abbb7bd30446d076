/** A look at a file before LMDB maps it: its binding dies of a file that is not LMDB. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { OncectlError } from '../../engine/errors.js';

const pageBytes = 4096;
/** Offset of LMDB's mark in a meta page, behind the page header. */
const markAt = 24;
const mark = 0xbeefc0de;

/** Errors: `format` for a file with content in which neither meta page bears LMDB's mark. */
export function refuseForeign(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  if (size >= 2 * pageBytes && isMarked(path)) return;
  throw new OncectlError('format', 'this is not a store that oncectl wrote, or it is damaged', {
    about: path,
    hint: 'point the deployment at another folder; this file was not touched',
  });
}

function isMarked(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const pages = Buffer.alloc(2 * pageBytes);
    readSync(file, pages, 0, pages.length, 0);
    return [0, pageBytes].some((page) => pages.readUInt32LE(page + markAt) === mark);
  } finally {
    closeSync(file);
  }
}
