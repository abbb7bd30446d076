/** Objects of a folder, one for each id, by the beginning of their ids. */
import type { Bucket, Listed } from './bucket.js';
import { encodedPrefixes } from './names.js';

/**
 * Those whose id begins with `prefix`, behind the object `after`, in the order of their names. An id
 * whose name is a hash may come though it begins otherwise: what the object says of itself counts.
 */
export async function* listedByPrefix(
  bucket: Bucket,
  folder: string,
  prefix: string,
  after: string | null,
  longest?: number,
): AsyncGenerator<Listed> {
  for (const encoded of encodedPrefixes(prefix, longest)) {
    for await (const page of bucket.pages(`${folder}${encoded}`, after)) yield* page;
  }
}
