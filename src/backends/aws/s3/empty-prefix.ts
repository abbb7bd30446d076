/** Removes every object of a deployment, and nothing else in its bucket. */
import {
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { type Bucket, mostDeletes } from './bucket.js';
import { grouped } from './groups.js';
import { folders, type Names } from './names.js';

/** Rejects when an object cannot be removed; what was removed stays removed. */
export async function emptyPrefix(bucket: Bucket, names: Names): Promise<void> {
  const prefixes = [...folders.map((folder) => names.folder(folder)), names.probes];
  for (const prefix of prefixes) {
    for await (const page of bucket.pages(prefix)) await deleteAll(bucket, page.map(nameOf));
  }
  // Last: as long as something is there, it is known what it is.
  await deleteAll(bucket, [names.format]);
  if (!(await keepsVersions(bucket))) return;
  for (const prefix of [...prefixes, names.format]) await deleteVersions(bucket, prefix);
}

async function deleteAll(bucket: Bucket, all: readonly string[]): Promise<void> {
  for (const group of grouped(all, mostDeletes)) {
    const outcomes = await bucket.delete(group);
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}

async function keepsVersions(bucket: Bucket): Promise<boolean> {
  try {
    const command = new GetBucketVersioningCommand({ Bucket: bucket.name });
    return (await bucket.send(command)).Status !== undefined;
  } catch (error) {
    const told = bucket.error(error);
    if (told.kind === 'denied') return false;
    throw told;
  }
}

async function deleteVersions(bucket: Bucket, prefix: string): Promise<void> {
  for (;;) {
    try {
      const at = { Bucket: bucket.name };
      const listing = new ListObjectVersionsCommand({ ...at, Prefix: prefix });
      const { Versions = [], DeleteMarkers = [] } = await bucket.send(listing);
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => {
        return VersionId === undefined ? { Key } : { Key, VersionId };
      });
      if (Objects.length === 0) return;
      await bucket.send(new DeleteObjectsCommand({ ...at, Delete: { Objects, Quiet: true } }));
    } catch (error) {
      throw bucket.error(error);
    }
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
