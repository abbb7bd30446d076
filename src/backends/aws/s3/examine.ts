/** What `doctor` looks at in a bucket. Its probes are objects of a folder of their own, and go again. */
import { randomBytes } from 'node:crypto';
import { GetBucketVersioningCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { Finding } from '../../../engine/backend.js';
import { asOncectlError } from '../../../engine/errors.js';
import type { Bucket } from './bucket.js';
import { harmOf, holds, ownRules, readLifecycle } from './lifecycle.js';
import type { Names } from './names.js';
import type { S3Options } from './options.js';

const latencyTries = 5;
/** S3 refuses requests that are 15 minutes off; records and leases carry our own clock's time. */
const skewThatMatters = 2_000;
const skewThatBreaks = 300_000;

export async function* examineBucket(
  bucket: Bucket,
  names: Names,
  options: S3Options,
): AsyncIterable<Finding> {
  const reached = await reach(bucket);
  yield reached;
  if (reached.verdict === 'breaks') return;
  yield clock(bucket);
  yield* access(bucket, names);
  yield* lifecycle(bucket, names, options);
  yield await versioning(bucket);
}

async function reach(bucket: Bucket): Promise<Finding> {
  const what = `bucket ${bucket.name}`;
  try {
    const times: number[] = [];
    for (let tries = 0; tries <= latencyTries; tries++) {
      const start = performance.now();
      await bucket.send(new HeadBucketCommand({ Bucket: bucket.name }));
      times.push(performance.now() - start);
    }
    // The first one opened the connection.
    const median = times.slice(1).sort((one, other) => one - other)[Math.floor(latencyTries / 2)];
    return ok(what, `answers in ${(median ?? 0).toFixed(1)} ms`);
  } catch (error) {
    return failed(what, bucket.error(error));
  }
}

function clock(bucket: Bucket): Finding {
  const what = 'clock skew against S3';
  const skew = bucket.clients.clockSkewMs();
  if (skew === null) return note(what, 'S3 did not tell its time', null);
  const size = Math.abs(skew);
  const detail = `${(size / 1000).toFixed(0)} s`;
  const hint = 'set the clock of this machine';
  if (size >= skewThatBreaks) return breaks(what, detail, hint);
  return size >= skewThatMatters ? note(what, detail, hint) : ok(what, 'less than 2 s');
}

/** Each permission by using it, on an object that nobody else knows. */
async function* access(bucket: Bucket, names: Names): AsyncIterable<Finding> {
  const probe = `${names.probes}${randomBytes(9).toString('hex')}`;
  yield await tried('list objects', 's3:ListBucket', () => bucket.list(names.root, null, 1));
  yield await missingKey(bucket, probe);
  yield await conditions(bucket, probe);
  yield await tried('read objects', 's3:GetObject', () => bucket.get(probe));
  yield await tried('delete objects', 's3:DeleteObject', async () => {
    const [outcome] = await bucket.delete([probe]);
    if (outcome?.status === 'rejected') throw outcome.reason;
  });
}

/** Without the right to list, S3 says "denied" of a missing key: a consumed token would look broken. */
async function missingKey(bucket: Bucket, probe: string): Promise<Finding> {
  const what = 'answer for a missing key';
  const hint = 'grant s3:ListBucket on the bucket: without it S3 hides what is missing';
  try {
    const found = await bucket.get(probe);
    return found === null ? ok(what, '404, no such key') : breaks(what, 'an object', hint);
  } catch (error) {
    return breaks(what, asOncectlError(error).message, hint);
  }
}

async function conditions(bucket: Bucket, probe: string): Promise<Finding> {
  const what = 'conditional writes';
  const hint = 'entities need a store that honours If-None-Match and If-Match';
  try {
    const first = await bucket.putIf(probe, Buffer.from('1'), 'absent');
    const again = await bucket.putIf(probe, Buffer.from('2'), 'absent');
    const stale = await bucket.putIf(probe, Buffer.from('3'), { etag: '"0123456789abcdef"' });
    if (first === 'busy' || again === 'busy' || stale === 'busy') {
      return note(what, 'not tried to the end: S3 asks for fewer requests', null);
    }
    const isHonoured = first !== 'refused' && again === 'refused' && stale === 'refused';
    return isHonoured ? ok(what, 'honoured') : breaks(what, 'ignored', hint);
  } catch (error) {
    return failed(what, asOncectlError(error), 'grant s3:PutObject');
  }
}

async function* lifecycle(
  bucket: Bucket,
  names: Names,
  { ports, retentionMs }: S3Options,
): AsyncIterable<Finding> {
  const what = `lifecycle of bucket ${bucket.name}`;
  try {
    const { rules } = await readLifecycle(bucket);
    const harmful = rules.filter((rule) => harmOf(rule, names, retentionMs) !== null);
    for (const { ID = 'without a name' } of harmful) {
      const hint = `restrict the rule so that it leaves ${names.root || 'the bucket'} alone`;
      yield breaks(what, `rule ${ID} would remove or archive live objects`, hint);
    }
    if (harmful.length === 0) yield ok(what, 'no rule touches live objects');
    const own = ownRules(names, retentionMs);
    if (!ports.includes('dedupe') || own.every((rule) => holds(rules, rule))) return;
    yield note(what, 'expired dedupe records are not removed', 'run `oncectl deploy up`');
  } catch (error) {
    yield note(what, asOncectlError(error).message, 'grant s3:GetLifecycleConfiguration');
  }
}

async function versioning(bucket: Bucket): Promise<Finding> {
  const what = `versions of bucket ${bucket.name}`;
  try {
    const command = new GetBucketVersioningCommand({ Bucket: bucket.name });
    const { Status } = await bucket.send(command);
    if (Status !== 'Enabled') return ok(what, 'not kept');
    const hint = 'a rule that removes noncurrent versions after a day keeps the cost bounded';
    return note(what, 'kept: what is deleted goes on costing', hint);
  } catch (error) {
    return note(what, bucket.error(error).message, 'grant s3:GetBucketVersioning');
  }
}

async function tried(
  what: string,
  permission: string,
  request: () => Promise<unknown>,
): Promise<Finding> {
  try {
    await request();
    return ok(what, 'allowed');
  } catch (error) {
    return failed(what, asOncectlError(error), `grant ${permission}`);
  }
}

function ok(what: string, detail: string): Finding {
  return { what, verdict: 'ok', detail, hint: null };
}

function note(what: string, detail: string, hint: string | null): Finding {
  return { what, verdict: 'note', detail, hint };
}

function breaks(what: string, detail: string, hint: string | null): Finding {
  return { what, verdict: 'breaks', detail, hint };
}

function failed(what: string, error: ReturnType<typeof asOncectlError>, hint?: string): Finding {
  return breaks(what, error.message, hint ?? error.hint ?? null);
}
