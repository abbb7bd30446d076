/**
 * Lifecycle rules of a bucket: ours removes dedupe records whose retention is over, and commit records
 * that no audit took; those of others must not remove or archive anything else of ours.
 */
import {
  GetBucketLifecycleConfigurationCommand,
  type GetBucketLifecycleConfigurationCommandOutput,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import { OncectlError } from '../../../engine/errors.js';
import { nameOf } from '../shared/errors.js';
import type { Bucket } from './bucket.js';
import { type Folder, folders, type Names } from './names.js';

const day = 24 * 3600 * 1000;

/** Storage classes that a GET does not read from. */
const archived = /^(GLACIER|DEEP_ARCHIVE)$/;

/** What our rule removes; losing anything else loses messages or state. */
const expiring: readonly Folder[] = ['dedupe', 'records'];

export interface Lifecycle {
  readonly rules: readonly LifecycleRule[];
  /** A setting of the whole configuration, to be written back as it was. */
  readonly smallest: Pick<
    GetBucketLifecycleConfigurationCommandOutput,
    'TransitionDefaultMinimumObjectSize'
  >;
}

/** Rules count whole days from the last write; a day more, so that a record is never removed early. */
export function retentionDays(retentionMs: number): number {
  return Math.ceil(retentionMs / day) + 1;
}

/** Rejects with kind `denied` where the rules may not be read. */
export async function readLifecycle(bucket: Bucket): Promise<Lifecycle> {
  const command = new GetBucketLifecycleConfigurationCommand({ Bucket: bucket.name });
  try {
    const answer = await bucket.send(command);
    const size = answer.TransitionDefaultMinimumObjectSize;
    const smallest = size === undefined ? {} : { TransitionDefaultMinimumObjectSize: size };
    return { rules: answer.Rules ?? [], smallest };
  } catch (error) {
    if (nameOf(error) === 'NoSuchLifecycleConfiguration') return { rules: [], smallest: {} };
    throw bucket.error(error);
  }
}

/** Our rules for one retention. */
export function ownRules(names: Names, retentionMs: number): readonly LifecycleRule[] {
  return expiring.map((folder) => ({
    ID: idOf(names, folder),
    Status: 'Enabled',
    Filter: { Prefix: names.folder(folder) },
    Expiration: { Days: retentionDays(retentionMs) },
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  }));
}

export function isOwn(rule: LifecycleRule, names: Names): boolean {
  return expiring.some((folder) => rule.ID === idOf(names, folder));
}

/** Whether a rule of ours is there, switched on, and of this retention. */
export function holds(rules: readonly LifecycleRule[], own: LifecycleRule): boolean {
  return rules.some(
    ({ ID, Status, Expiration, Filter }) =>
      ID === own.ID &&
      Status === 'Enabled' &&
      Expiration?.Days === own.Expiration?.Days &&
      Filter?.Prefix === own.Filter?.Prefix,
  );
}

/** What a rule does to objects that must stay: `expires` or `archives`; null when it leaves them. */
export function harmOf(
  rule: LifecycleRule,
  names: Names,
  retentionMs: number,
): 'expires' | 'archives' | null {
  if (rule.Status !== 'Enabled' || isOwn(rule, names)) return null;
  const { Expiration = {}, Transitions = [] } = rule;
  const touched = foldersOf(rule, names);
  const mayExpire = touched.every((folder) => expiring.includes(folder));
  const days = Expiration.Days ?? (Expiration.Date ? 0 : Number.POSITIVE_INFINITY);
  const tooSoon = mayExpire ? days < retentionDays(retentionMs) : days < Number.POSITIVE_INFINITY;
  if (touched.length > 0 && tooSoon) return 'expires';
  const archives = Transitions.some(({ StorageClass }) => archived.test(StorageClass ?? ''));
  return touched.length > 0 && archives ? 'archives' : null;
}

/** Refuses to use a bucket that would remove live objects. Passes where the rules cannot be read. */
export async function refuseHarm(bucket: Bucket, names: Names, retentionMs: number): Promise<void> {
  const { rules } = await readLifecycle(bucket).catch((error: OncectlError) => {
    if (error.kind === 'denied') return { rules: [] };
    throw error;
  });
  const harmful = rules.find((rule) => harmOf(rule, names, retentionMs) !== null);
  if (!harmful) return;
  const isLoss = harmOf(harmful, names, retentionMs) === 'expires';
  const does = isLoss ? 'would remove' : 'would archive';
  throw new OncectlError('refused', `a lifecycle rule ${does} live objects of this deployment`, {
    about: `bucket ${bucket.name}, rule ${harmful.ID ?? 'without a name'}`,
    hint: `change the rule so that it leaves ${names.root || 'the bucket'} alone: a payload or an entity that is removed is a message that is lost`,
  });
}

/** Our objects carry no tags, so a rule that asks for one never meets them. */
function foldersOf({ Filter, Prefix }: LifecycleRule, names: Names): readonly Folder[] {
  if (Filter?.Tag || (Filter?.And?.Tags?.length ?? 0) > 0) return [];
  const prefix = Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';
  return folders.filter((folder) => {
    const own = names.folder(folder);
    return own.startsWith(prefix) || prefix.startsWith(own);
  });
}

function idOf(names: Names, folder: Folder): string {
  return `oncectl ${names.root}${folder}`;
}
