/**
 * The format object says of what version everything below the prefix is. Writing it is also the test
 * that this S3 honours conditions: a second conditional write of an object that is there must be
 * refused. On a server that takes it every protocol would break, so nothing is opened there.
 */
import { OncectlError } from '../../../engine/errors.js';
import type { Bucket } from './bucket.js';
import type { Names } from './names.js';
import { pause } from './pause.js';

const version = 1;
const busyTries = 8;

/** Makes the object, or finds it. Rejects with kind `format` for a newer version. */
export async function prepareFormat(bucket: Bucket, names: Names): Promise<void> {
  // The first may make the object; the second finds it, whoever made it.
  const isThere = !(await createFormat(bucket, names)) || !(await createFormat(bucket, names));
  if (!isThere) throw ignoresConditions(bucket);
  const found = await readFormat(bucket, names);
  if (found !== version) throw otherFormat(bucket, names, found);
}

/** The version below the prefix; `null` when nothing was made there yet. */
export async function readFormat(bucket: Bucket, names: Names): Promise<number | null> {
  const stored = await bucket.get(names.format);
  if (!stored) return null;
  try {
    const { oncectl } = JSON.parse(Buffer.from(stored.bytes).toString()) as { oncectl?: unknown };
    return Number(oncectl);
  } catch {
    return Number.NaN;
  }
}

export function isPresentFormat(found: number): boolean {
  return found === version;
}

/** True when it was made now. */
async function createFormat(bucket: Bucket, names: Names): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify({ oncectl: version }));
  for (let tries = 1; tries <= busyTries; tries++) {
    const answer = await bucket.putIf(names.format, bytes, 'absent');
    if (answer === 'refused') return false;
    if (answer !== 'busy') return true;
    await pause(tries);
  }
  throw new OncectlError('unreachable', 'Amazon S3 goes on refusing a write as too many at once', {
    about: `bucket ${bucket.name}`,
  });
}

function ignoresConditions(bucket: Bucket): OncectlError {
  return new OncectlError('refused', 'this S3 does not honour conditional writes', {
    about: `bucket ${bucket.name}`,
    hint: 'entities need a store that answers If-None-Match and If-Match as Amazon S3 does',
  });
}

function otherFormat(bucket: Bucket, names: Names, found: number | null): OncectlError {
  const isNewer = found !== null && found > version;
  return new OncectlError(
    'format',
    isNewer
      ? `the objects are of format ${found}; this oncectl knows ${version}`
      : 'there is something else under this prefix',
    {
      about: `s3://${bucket.name}/${names.root}`,
      hint: isNewer ? 'use the oncectl that wrote them, or a newer one' : 'choose another prefix',
    },
  );
}
