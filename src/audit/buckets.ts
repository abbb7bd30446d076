/**
 * Facts split over files by a hash, so that everything about one thing is in one file and one file
 * fits in memory. Within a file the facts keep the order in which they were added.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { guarded } from './writer.js';

interface Bucket {
  readonly path: string;
  readonly buffer: Buffer;
  filled: number;
  used: boolean;
}

export class Buckets {
  readonly #buckets: readonly Bucket[];

  /** `count` files called `NAME-0`, `NAME-1`, ... in `folder`, each behind `bufferBytes` of memory. */
  constructor(folder: string, name: string, count: number, bufferBytes: number) {
    this.#buckets = Array.from({ length: count }, (_, index) => ({
      path: join(folder, `${name}-${index}`),
      buffer: Buffer.allocUnsafeSlow(bufferBytes),
      filled: 0,
      used: false,
    }));
  }

  /** Adds a line, its newline included, to the bucket that `groupedBy` belongs to. */
  add(groupedBy: string, line: string): void {
    const bucket = this.#buckets[hashed(groupedBy) % this.#buckets.length];
    if (bucket === undefined) return;
    const most = line.length * 3;
    if (bucket.filled + most > bucket.buffer.length) flush(bucket);
    if (most > bucket.buffer.length) append(bucket, Buffer.from(line));
    else bucket.filled += bucket.buffer.write(line, bucket.filled);
  }

  /** Writes what is still in memory; the files that hold anything. */
  finish(): readonly string[] {
    for (const bucket of this.#buckets) flush(bucket);
    return this.#buckets.filter(({ used }) => used).map(({ path }) => path);
  }
}

function flush(bucket: Bucket): void {
  if (bucket.filled > 0) append(bucket, bucket.buffer.subarray(0, bucket.filled));
  bucket.filled = 0;
}

function append(bucket: Bucket, bytes: Buffer): void {
  bucket.used = true;
  guarded(bucket.path, () => {
    const file = openSync(bucket.path, 'a');
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(file, rest));
    } finally {
      closeSync(file);
    }
  });
}

/** FNV-1a. */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
