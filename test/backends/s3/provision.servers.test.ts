/** Making, showing and removing what a deployment needs; what doctor says of a bucket. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadBucketCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { Bucket } from '../../../src/backends/aws/s3/bucket.js';
import { openClients } from '../../../src/backends/aws/s3/clients.js';
import { openS3, type S3Options, s3Provisioner } from '../../../src/backends/aws/s3/index.js';
import { RequestCounts } from '../../../src/backends/aws/s3/request-counts.js';
import type { Finding, Provisioner } from '../../../src/engine/backend.js';
import { bytes, id, refusal } from '../../conformance/fixtures.js';
import { at, opened, options } from './open.js';
import { FaultProxy } from './proxy.js';

function provisioner(given: S3Options): Provisioner {
  const made = s3Provisioner(given);
  onTestFinished(() => made.close());
  return made;
}

function raw(given: S3Options): Bucket {
  const clients = openClients(given.aws);
  onTestFinished(() => clients.destroy());
  return new Bucket(given.bucket, clients, new RequestCounts(), 'maintenance');
}

async function rulesOf(bucket: Bucket): Promise<readonly LifecycleRule[]> {
  const command = new GetBucketLifecycleConfigurationCommand({ Bucket: bucket.name });
  return (await bucket.send(command).catch(() => ({ Rules: [] }))).Rules ?? [];
}

async function setRules(bucket: Bucket, Rules: LifecycleRule[]): Promise<void> {
  const LifecycleConfiguration = { Rules };
  const at = { Bucket: bucket.name, LifecycleConfiguration };
  await bucket.send(new PutBucketLifecycleConfigurationCommand(at));
}

function foreignRule(Prefix: string, Days: number): LifecycleRule {
  return { ID: 'of somebody else', Status: 'Enabled', Filter: { Prefix }, Expiration: { Days } };
}

async function isThere(bucket: Bucket): Promise<boolean> {
  const command = new HeadBucketCommand({ Bucket: bucket.name });
  return bucket.send(command).then(
    () => true,
    () => false,
  );
}

async function namesIn(bucket: Bucket): Promise<readonly string[]> {
  return (await bucket.list('', null)).objects.map(({ name }) => name);
}

async function findingsOf(made: Provisioner): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of made.examine()) findings.push(finding);
  return findings;
}

it('what is missing is made once, shown, and removed to the last object', async () => {
  const given = options();
  const made = provisioner(given);
  const states = async () => (await made.inspect()).map(({ kind, state }) => `${kind} ${state}`);
  const all = ['bucket', 'folder', 'lifecycle rule', 'lifecycle rule'];
  expect(await states()).toEqual(all.map((kind) => `${kind} missing`));
  const told: string[] = [];
  await made.create(({ kind }) => told.push(kind));
  await made.create(({ kind }) => told.push(`again ${kind}`));
  expect(told).toEqual(all);
  expect(await states()).toEqual(all.map((kind) => `${kind} ready`));
  const stores = await opened(given);
  await stores.business.commit('orders', 'k', 0, { state: bytes('1') });
  await stores.payload.put(id(), bytes('x'), { endpoint: 'o', messageId: id(), attempt: id() });
  await made.remove();
  expect(await isThere(raw(given))).toBe(false);
  await made.remove();
});

it('a bucket that was there stays, with what others have in it', async () => {
  const given = options();
  const bucket = raw(given);
  await bucket.send(new CreateBucketCommand({ Bucket: bucket.name }));
  await bucket.put('one/deployment-of-others/x', bytes('x'));
  await setRules(bucket, [foreignRule('logs/', 3)]);
  const made = provisioner(given);
  await made.create();
  expect((await rulesOf(bucket)).map(({ ID }) => ID)).toContain('of somebody else');
  expect(await rulesOf(bucket)).toHaveLength(3);
  await made.remove();
  expect(await namesIn(bucket)).toEqual(['one/deployment-of-others/x']);
  expect((await rulesOf(bucket)).map(({ ID }) => ID)).toEqual(['of somebody else']);
  await bucket.delete(['one/deployment-of-others/x']);
  await bucket.send(new DeleteBucketCommand({ Bucket: bucket.name }));
});

it('of two deployments in a bucket of ours the last one takes it along', async () => {
  const [one, two] = [options(), options()];
  const other = { ...two, bucket: one.bucket, prefix: 'two' };
  const first = provisioner(one);
  const second = provisioner(other);
  await first.create();
  await second.create();
  await first.remove();
  expect(await isThere(raw(one))).toBe(true);
  expect((await second.inspect()).every(({ state }) => state === 'ready')).toBe(true);
  await second.remove();
  expect(await isThere(raw(one))).toBe(false);
});

it('another retention makes the rule outdated, and create brings it up to date', async () => {
  const given = options();
  const made = provisioner(given);
  await made.create();
  const longer = provisioner({ ...given, retentionMs: 20 * 24 * 3_600_000 });
  expect((await longer.inspect()).map(({ state }) => state)).toContain('outdated');
  await longer.create();
  expect((await longer.inspect()).every(({ state }) => state === 'ready')).toBe(true);
  expect((await rulesOf(raw(given))).map(({ Expiration }) => Expiration?.Days)).toEqual([21, 21]);
  await longer.remove();
});

it('a rule that would remove live objects refuses the opening, and doctor says so', async () => {
  const given = options();
  const made = provisioner(given);
  await made.create();
  const bucket = raw(given);
  const own = await rulesOf(bucket);
  const harmful = ['', 'one/', 'one/deployment/payload/', 'one/deployment/entities/orders/'];
  for (const prefix of harmful) {
    await setRules(bucket, [...own, foreignRule(prefix, 365)]);
    const error = await refusal(openS3(given));
    expect([error.kind, error.about]).toEqual([
      'refused',
      `bucket ${given.bucket}, rule of somebody else`,
    ]);
    const broken = (await findingsOf(made)).filter(({ verdict }) => verdict === 'breaks');
    expect(broken.map(({ what }) => what)).toEqual([`lifecycle of bucket ${given.bucket}`]);
  }
  const harmless = [
    foreignRule('logs/', 1),
    foreignRule('one/deployment/dedupe/', 30),
    { ...foreignRule('', 1), Status: 'Disabled' as const },
  ];
  for (const rule of harmless) {
    await setRules(bucket, [...own, rule]);
    await (await openS3(given)).close();
  }
  await made.remove();
});

it('doctor finds nothing wrong with a bucket that was made, and leaves nothing in it', async () => {
  const given = options();
  const made = provisioner(given);
  await made.create();
  const before = await namesIn(raw(given));
  const findings = await findingsOf(made);
  expect(findings.map(({ what, verdict }) => `${verdict}: ${what}`)).toEqual([
    `ok: bucket ${given.bucket}`,
    'ok: clock skew against S3',
    'ok: list objects',
    'ok: answer for a missing key',
    'ok: conditional writes',
    'ok: read objects',
    'ok: delete objects',
    `ok: lifecycle of bucket ${given.bucket}`,
    `ok: versions of bucket ${given.bucket}`,
  ]);
  expect(await namesIn(raw(given))).toEqual(before);
  await made.remove();
});

it('doctor names what breaks: ignored conditions, hidden keys, a missing bucket', async () => {
  const given = options();
  const made = provisioner(given);
  await made.create();
  const proxy = await FaultProxy.start(given.aws.endpoint ?? '');
  onTestFinished(() => proxy.stop());
  const through = provisioner(at(given, proxy.endpoint));
  const broken = async () => {
    const findings = await findingsOf(through);
    return findings.filter(({ verdict }) => verdict === 'breaks').map(({ what }) => what);
  };
  proxy.fate = ({ isConditional }) => (isConditional ? 'unconditional' : 'pass');
  expect(await broken()).toEqual(['conditional writes']);
  let reads = 0;
  proxy.fate = ({ method, path }) => {
    const isFirstRead = method === 'GET' && path.includes('/probe/') && reads++ === 0;
    return isFirstRead ? { status: 403, code: 'AccessDenied' } : 'pass';
  };
  expect(await broken()).toEqual(['answer for a missing key']);
  await made.remove();
  expect(await broken()).toEqual([`bucket ${given.bucket}`]);
});

it('objects of a newer format are left alone', async () => {
  const given = options();
  const made = provisioner(given);
  await made.create();
  await raw(given).put(`${given.prefix}/format`, Buffer.from('{"oncectl":2}'));
  expect((await refusal(openS3(given))).kind).toBe('format');
  expect((await refusal(made.create())).kind).toBe('format');
  expect((await made.inspect()).map(({ state }) => state)).toContain('wrong');
  await made.remove();
});

it('a name that no bucket can have is refused clearly', async () => {
  const error = await refusal(provisioner(options({ bucket: 'No_Bucket' })).create());
  expect(error.happened).toBe('no');
  expect(error.kind).not.toBe('bug');
});
