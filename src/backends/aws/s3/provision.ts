/**
 * Makes, shows and removes what a deployment needs in S3: the bucket, our prefix in it, our lifecycle
 * rules. Foreign objects and rules are left alone. A bucket that we made says so by an object outside
 * every prefix, and is removed with the last deployment in it.
 */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  HeadBucketCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3';
import type { Finding, Provisioner, Resource } from '../../../engine/backend.js';
import { OncectlError } from '../../../engine/errors.js';
import { nameOf, statusOf } from '../shared/errors.js';
import { Bucket } from './bucket.js';
import { type Clients, openClients } from './clients.js';
import { emptyPrefix } from './empty-prefix.js';
import { examineBucket } from './examine.js';
import { isPresentFormat, prepareFormat, readFormat } from './format.js';
import { harmOf, holds, isOwn, ownRules, readLifecycle } from './lifecycle.js';
import { Names } from './names.js';
import type { S3Options } from './options.js';
import { RequestCounts } from './request-counts.js';

/** Left in a bucket that oncectl made. */
const madeByUs = 'oncectl.bucket';
const homeRegion = 'us-east-1';

type BucketState = 'ready' | 'missing' | 'elsewhere';

export function s3Provisioner(options: S3Options): Provisioner {
  return new S3Provisioner(options);
}

class S3Provisioner implements Provisioner {
  readonly #options: S3Options;
  readonly #names: Names;
  readonly #clients: Clients;
  readonly #bucket: Bucket;

  constructor(options: S3Options) {
    this.#options = options;
    this.#names = new Names(options.prefix);
    this.#clients = openClients(options.aws);
    this.#bucket = new Bucket(options.bucket, this.#clients, new RequestCounts(), 'maintenance');
  }

  async inspect(): Promise<readonly Resource[]> {
    const state = await this.#state();
    const own = this.#ownRules();
    if (state !== 'ready') {
      const isMissing = state === 'missing';
      return [
        this.#bucketResource(isMissing ? 'missing' : 'wrong', isMissing ? null : 'another region'),
        this.#folderResource('missing', null),
        ...own.map((rule) => ruleResource(rule, 'missing', null)),
      ];
    }
    const { rules } = await readLifecycle(this.#bucket);
    const { retentionMs } = this.#options;
    return [
      this.#bucketResource('ready', null),
      await this.#inspectFolder(),
      ...own.map((rule) => ruleResource(rule, stateOf(rule, rules), null)),
      ...rules
        .filter((rule) => harmOf(rule, this.#names, retentionMs) !== null)
        .map((rule) => ruleResource(rule, 'wrong', 'it would remove or archive live objects')),
    ];
  }

  async create(onMade: (resource: Resource) => void = () => {}): Promise<void> {
    const state = await this.#state();
    if (state === 'elsewhere') throw elsewhere(this.#bucket);
    if (state === 'missing') {
      await this.#createBucket();
      onMade(this.#bucketResource('ready', null));
    }
    const folder = await this.#inspectFolder();
    await prepareFormat(this.#bucket, this.#names);
    if (folder.state === 'missing') onMade(this.#folderResource('ready', null));
    await this.#createRules(onMade);
  }

  async remove(onRemoved: (resource: Resource) => void = () => {}): Promise<void> {
    const state = await this.#state();
    if (state === 'elsewhere') throw elsewhere(this.#bucket);
    if (state === 'missing') return;
    await this.#removeRules(onRemoved);
    await emptyPrefix(this.#bucket, this.#names);
    onRemoved(this.#folderResource('missing', null));
    if (await this.#removeBucket()) onRemoved(this.#bucketResource('missing', null));
  }

  examine(): AsyncIterable<Finding> {
    return examineBucket(this.#bucket, this.#names, this.#options);
  }

  async close(): Promise<void> {
    this.#clients.destroy();
  }

  async #state(): Promise<BucketState> {
    try {
      await this.#bucket.send(new HeadBucketCommand({ Bucket: this.#bucket.name }));
      return 'ready';
    } catch (error) {
      if (statusOf(error) === 404) return 'missing';
      if (statusOf(error) === 301) return 'elsewhere';
      throw this.#bucket.error(error);
    }
  }

  async #createBucket(): Promise<void> {
    const region = await this.#clients.repeating.config.region();
    const place = { LocationConstraint: region as 'eu-west-1' };
    const command = new CreateBucketCommand({
      Bucket: this.#bucket.name,
      ...(region === homeRegion ? {} : { CreateBucketConfiguration: place }),
    });
    try {
      await this.#bucket.send(command);
    } catch (error) {
      if (nameOf(error) !== 'BucketAlreadyOwnedByYou') throw notCreated(error, this.#bucket);
    }
    await this.#bucket.put(madeByUs, Buffer.from('made by oncectl deploy up\n'));
  }

  /** Only a bucket that we made, and that nobody uses any more. */
  async #removeBucket(): Promise<boolean> {
    const { objects } = await this.#bucket.list('', null, 2);
    if (objects.length !== 1 || objects[0]?.name !== madeByUs) return false;
    await this.#bucket.delete([madeByUs]);
    try {
      await this.#bucket.send(new DeleteBucketCommand({ Bucket: this.#bucket.name }));
      return true;
    } catch (error) {
      // Somebody wrote into it meanwhile: it stays, and it is still ours.
      if (nameOf(error) !== 'BucketNotEmpty') throw this.#bucket.error(error);
      await this.#bucket.put(madeByUs, Buffer.from('made by oncectl deploy up\n'));
      return false;
    }
  }

  async #createRules(onMade: (resource: Resource) => void): Promise<void> {
    const { rules } = await readLifecycle(this.#bucket);
    const own = this.#ownRules();
    const missing = own.filter((rule) => !holds(rules, rule));
    const unused = rules.filter((rule) => isOwn(rule, this.#names) && !isAmong(rule, own));
    if (missing.length + unused.length === 0) return;
    await this.#replaceOwn(own);
    for (const rule of missing) onMade(ruleResource(rule, 'ready', null));
  }

  async #removeRules(onRemoved: (resource: Resource) => void): Promise<void> {
    const { rules } = await readLifecycle(this.#bucket);
    const own = rules.filter((rule) => isOwn(rule, this.#names));
    if (own.length === 0) return;
    await this.#replaceOwn([]);
    for (const rule of own) onRemoved(ruleResource(rule, 'missing', null));
  }

  /** S3 has one configuration for all rules, and no condition on writing it. */
  async #replaceOwn(own: readonly LifecycleRule[]): Promise<void> {
    const { rules, smallest } = await readLifecycle(this.#bucket);
    const all = [...rules.filter((rule) => !isOwn(rule, this.#names)), ...own];
    const at = { Bucket: this.#bucket.name };
    try {
      if (all.length === 0) await this.#bucket.send(new DeleteBucketLifecycleCommand(at));
      else
        await this.#bucket.send(
          new PutBucketLifecycleConfigurationCommand({
            ...at,
            ...smallest,
            LifecycleConfiguration: { Rules: all },
          }),
        );
    } catch (error) {
      throw this.#bucket.error(error);
    }
  }

  #ownRules(): readonly LifecycleRule[] {
    const { ports, retentionMs } = this.#options;
    const all = ownRules(this.#names, retentionMs);
    return all.filter(({ Filter }) => {
      if (Filter?.Prefix === this.#names.folder('dedupe')) return ports.includes('dedupe');
      return ports.includes('business');
    });
  }

  async #inspectFolder(): Promise<Resource> {
    const found = await readFormat(this.#bucket, this.#names);
    if (found === null) return this.#folderResource('missing', null);
    if (isPresentFormat(found)) return this.#folderResource('ready', null);
    return this.#folderResource('wrong', 'of another format than this oncectl knows');
  }

  #bucketResource(state: Resource['state'], detail: string | null): Resource {
    return { kind: 'bucket', name: this.#bucket.name, state, detail };
  }

  #folderResource(state: Resource['state'], detail: string | null): Resource {
    const name = `s3://${this.#bucket.name}/${this.#names.root}`;
    return { kind: 'folder', name, state, detail };
  }
}

function stateOf(own: LifecycleRule, rules: readonly LifecycleRule[]): Resource['state'] {
  if (holds(rules, own)) return 'ready';
  return isAmong(own, rules) ? 'outdated' : 'missing';
}

function isAmong({ ID }: LifecycleRule, rules: readonly LifecycleRule[]): boolean {
  return rules.some((rule) => rule.ID === ID);
}

function ruleResource(
  { ID }: LifecycleRule,
  state: Resource['state'],
  detail: string | null,
): Resource {
  return { kind: 'lifecycle rule', name: ID ?? 'without a name', state, detail };
}

function elsewhere(bucket: Bucket): OncectlError {
  return new OncectlError('unreachable', 'the bucket lies in another AWS region', {
    about: `bucket ${bucket.name}`,
    hint: 'set the region in the profile, or AWS_REGION',
  });
}

function notCreated(error: unknown, bucket: Bucket): OncectlError {
  const reasons: Readonly<Record<string, string>> = {
    BucketAlreadyExists: 'a bucket of this name belongs to somebody else',
    InvalidBucketName: 'S3 takes no bucket of this name',
  };
  const reason = reasons[nameOf(error)];
  if (reason === undefined) return bucket.error(error);
  return new OncectlError('format', reason, {
    about: `bucket ${bucket.name}`,
    hint: 'choose another name: 3 to 63 lower-case letters, digits and hyphens',
    cause: error,
  });
}
