/**
 * Deletes on the condition that the object is still the one that was read. Amazon S3 has them since
 * September 2025; other servers may take no notice of the condition, and delete whatever is there. So
 * the first one is tried on an object of our own, with an ETag that it does not have.
 */
import { randomBytes } from 'node:crypto';
import { OncectlError } from '../../../engine/errors.js';
import type { Bucket } from './bucket.js';
import type { Names } from './names.js';
import { pause } from './pause.js';

const mostBusy = 8;
const otherEtag = '"00000000000000000000000000000000"';

export class Removal {
  readonly #bucket: Bucket;
  readonly #names: Names;
  #honoured: Promise<boolean> | null = null;

  constructor(bucket: Bucket, names: Names) {
    this.#bucket = bucket;
    this.#names = names;
  }

  /** False when it is another object by now, or none. Rejects (`refused`) where S3 has no such thing. */
  async remove(name: string, etag: string): Promise<boolean> {
    this.#honoured ??= this.#probe();
    const honoured = await this.#honoured.catch((error: unknown) => {
      this.#honoured = null;
      throw error;
    });
    if (!honoured) throw unable(this.#bucket);
    return (await this.#deleteIf(name, etag)) === 'deleted';
  }

  async #probe(): Promise<boolean> {
    const probe = `${this.#names.probes}${randomBytes(9).toString('hex')}`;
    await this.#bucket.put(probe, Buffer.from('1'));
    const outcome = await this.#deleteIf(probe, otherEtag);
    if (outcome !== 'deleted') await this.#bucket.delete([probe]);
    return outcome === 'refused';
  }

  async #deleteIf(name: string, etag: string): Promise<'deleted' | 'refused' | 'unable'> {
    for (let tries = 1; tries <= mostBusy; tries++) {
      const outcome = await this.#bucket.deleteIf(name, etag);
      if (outcome !== 'busy') return outcome;
      await pause(tries);
    }
    const what = 'Amazon S3 goes on refusing a delete as too many at once';
    throw new OncectlError('unreachable', what, { about: name, happened: 'no' });
  }
}

function unable(bucket: Bucket): OncectlError {
  return new OncectlError('refused', 'this S3 does not honour conditional deletes', {
    about: `bucket ${bucket.name}`,
    happened: 'no',
    hint: 'a record made meanwhile could be lost; what has expired goes by the lifecycle rule alone',
  });
}
