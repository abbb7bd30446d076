/**
 * How records lie in objects: plain MessagePack maps (no extension types), so that any language can
 * read them. MessagePack rather than JSON, because states and bodies are bytes: base64 would make the
 * object that every commit rewrites a third larger. Binary fields come out as copies, so that what a
 * caller changes is never what a cache holds.
 */
import { Packr } from 'msgpackr';
import { OncectlError } from '../../../engine/errors.js';

const packr = new Packr({ useRecords: false, copyBuffers: true });

export function pack(record: unknown): Buffer {
  return packr.pack(record);
}

/** Rejects (kind `format`) bytes that oncectl did not write. */
export function unpack<T>(bytes: Uint8Array, name: string): T {
  try {
    const record: unknown = packr.unpack(bytes);
    if (typeof record === 'object' && record !== null) return record as T;
  } catch {
    // Told below, the same as bytes that are some other value.
  }
  throw new OncectlError('format', 'this object was not written by oncectl, or is damaged', {
    about: name,
    hint: 'give oncectl a prefix of its own in the bucket',
  });
}
