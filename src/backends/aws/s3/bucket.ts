/**
 * The bucket, as one store uses it: one method per request, with the answers that are no errors as
 * values. Every other answer is an `OncectlError` that says truly whether the request took effect.
 */
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { OncectlError } from '../../../engine/errors.js';
import { awsError, happenedOf, isThrottled, nameOf, statusOf } from '../shared/errors.js';
import type { Clients } from './clients.js';
import { counted } from './counted.js';
import type { CountedStore, RequestCounts } from './request-counts.js';

export interface Stored {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export interface Listed {
  readonly name: string;
  readonly etag: string;
  readonly lastModified: number;
  readonly bytes: number;
}

export interface Page {
  readonly objects: readonly Listed[];
  /** There are objects behind these, however few these are. */
  readonly more: boolean;
}

/** `absent`: only if there is none of that name. An ETag: only if it is this one. */
export type Condition = 'absent' | { readonly etag: string };

/**
 * `refused`: the condition does not hold. `busy`: not done, and worth another try (S3 answers 409 to
 * one of two racing conditional writes, and 503 when there are too many requests).
 */
export type ConditionalPut = { readonly etag: string } | 'refused' | 'busy';

/** `refused`: it is another object by now, or none. `busy` as above. `unable`: S3 knows no such thing. */
export type ConditionalDelete = 'deleted' | 'refused' | 'busy' | 'unable';

const listPage = 1000;
/** What one request deletes at most. */
export const mostDeletes = 1000;

export class Bucket {
  readonly name: string;
  readonly clients: Clients;
  readonly #counts: RequestCounts;
  readonly #store: CountedStore;

  constructor(name: string, clients: Clients, counts: RequestCounts, store: CountedStore) {
    this.name = name;
    this.clients = clients;
    this.#counts = counts;
    this.#store = store;
  }

  /** The same bucket, its requests counted for another store. */
  as(store: CountedStore): Bucket {
    return new Bucket(this.name, this.clients, this.#counts, store);
  }

  /** `null` only for S3's own "no such key"; anything else that is not the object is an error. */
  async get(name: string): Promise<Stored | null> {
    try {
      const client = this.clients.repeating;
      const answer = await client.send(this.#counted(new GetObjectCommand(this.#at(name))));
      const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
      return { bytes, etag: answer.ETag ?? '' };
    } catch (error) {
      if (nameOf(error) === 'NoSuchKey') return null;
      throw this.error(error);
    }
  }

  /** User metadata. A `null` may also be an answer of something between us and S3: audit only. */
  async metadata(name: string): Promise<Readonly<Record<string, string>> | null> {
    try {
      const client = this.clients.repeating;
      const answer = await client.send(this.#counted(new HeadObjectCommand(this.#at(name))));
      return answer.Metadata ?? {};
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw this.error(error);
    }
  }

  /** For what may be written twice. */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#put(this.clients.repeating, { ...this.#at(name), Body: bytes });
  }

  /** Sent once, whatever comes of it. */
  async putOnce(
    name: string,
    bytes: Uint8Array,
    metadata: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#put(this.clients.once, { ...this.#at(name), Body: bytes, Metadata: metadata });
  }

  /** Sent once. An error that is `unknown` says that the write may have taken place. */
  async putIf(name: string, bytes: Uint8Array, condition: Condition): Promise<ConditionalPut> {
    const headers = condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.etag };
    const command = new PutObjectCommand({ ...this.#at(name), Body: bytes, ...headers });
    try {
      const answer = await this.clients.once.send(this.#counted(command));
      return { etag: answer.ETag ?? '' };
    } catch (error) {
      if (statusOf(error) === 412 || nameOf(error) === 'NoSuchKey') return 'refused';
      if (isBusy(error)) return 'busy';
      throw this.error(error);
    }
  }

  /** Sent once, for the object of that ETag alone: where S3 has conditional deletes, see `removal.ts`. */
  async deleteIf(name: string, etag: string): Promise<ConditionalDelete> {
    const command = new DeleteObjectCommand({ ...this.#at(name), IfMatch: etag });
    try {
      await this.clients.once.send(this.#counted(command));
      return 'deleted';
    } catch (error) {
      if ([404, 412].includes(statusOf(error) ?? 0)) return 'refused';
      if (statusOf(error) === 501) return 'unable';
      if (isBusy(error)) return 'busy';
      throw this.error(error);
    }
  }

  /** What is not there is no error. An outcome for each name. */
  async delete(names: readonly string[]): Promise<readonly PromiseSettledResult<void>[]> {
    const [first] = names;
    if (first !== undefined && names.length === 1) {
      return Promise.allSettled([this.#deleteOne(first)]);
    }
    const Delete = { Objects: names.map((Key) => ({ Key })), Quiet: true };
    const command = new DeleteObjectsCommand({ Bucket: this.name, Delete });
    try {
      const { Errors = [] } = await this.clients.repeating.send(this.#counted(command));
      const failed = new Map(Errors.map(({ Key, Code }) => [Key ?? '', Code ?? 'InternalError']));
      return names.map((name) => this.#outcome(failed.get(name)));
    } catch (error) {
      throw this.error(error);
    }
  }

  /** One page in the order of names, those behind `after`. */
  async list(prefix: string, after: string | null, limit = listPage): Promise<Page> {
    const command = new ListObjectsV2Command({
      Bucket: this.name,
      Prefix: prefix,
      MaxKeys: Math.min(limit, listPage),
      ...(after === null ? {} : { StartAfter: after }),
    });
    try {
      const answer = await this.clients.repeating.send(this.#counted(command));
      const objects = (answer.Contents ?? []).map(
        ({ Key = '', ETag = '', LastModified, Size = 0 }) => {
          const lastModified = LastModified?.getTime() ?? 0;
          return { name: Key, etag: ETag, lastModified, bytes: Size };
        },
      );
      return { objects, more: answer.IsTruncated === true && objects.length > 0 };
    } catch (error) {
      throw this.error(error);
    }
  }

  /**
   * All objects of a prefix, those behind `after`, page by page. What is made or removed meanwhile may
   * be there or not.
   */
  async *pages(prefix: string, after: string | null = null): AsyncGenerator<readonly Listed[]> {
    for (let last = after; ; ) {
      const { objects, more }: Page = await this.list(prefix, last);
      if (objects.length > 0) yield objects;
      if (!more) return;
      last = objects.at(-1)?.name ?? null;
    }
  }

  /** Any other request, about the bucket itself. Throws what the SDK throws: see `error`. */
  send: S3Client['send'] = ((command: Parameters<S3Client['send']>[0]) =>
    this.clients.repeating.send(this.#counted(command))) as S3Client['send'];

  error(error: unknown): OncectlError {
    return awsError(error, { service: 'Amazon S3', about: `bucket ${this.name}`, thing: 'bucket' });
  }

  async #put(client: S3Client, input: PutObjectCommand['input']): Promise<void> {
    try {
      await client.send(this.#counted(new PutObjectCommand(input)));
    } catch (error) {
      throw this.error(error);
    }
  }

  async #deleteOne(name: string): Promise<void> {
    try {
      await this.clients.repeating.send(this.#counted(new DeleteObjectCommand(this.#at(name))));
    } catch (error) {
      throw this.error(error);
    }
  }

  #outcome(code: string | undefined): PromiseSettledResult<void> {
    if (code === undefined || code === 'NoSuchKey')
      return { status: 'fulfilled', value: undefined };
    const happened = code === 'AccessDenied' ? 'no' : 'unknown';
    const reason = new OncectlError(
      code === 'AccessDenied' ? 'denied' : 'unreachable',
      `Amazon S3 did not delete an object (${code})`,
      { about: `bucket ${this.name}`, happened },
    );
    return { status: 'rejected', reason };
  }

  #at(name: string) {
    return { Bucket: this.name, Key: name };
  }

  #counted<C>(command: C): C {
    return counted(command, (name, outcome) => this.#counts.request(this.#store, name, outcome));
  }
}

function isBusy(error: unknown): boolean {
  return (statusOf(error) === 409 || isThrottled(error)) && happenedOf(error) === 'no';
}
