/** What the stores on AWS are opened and provisioned with, from what a profile says. */
import type { DynamodbOptions } from '../backends/aws/dynamodb/index.js';
import type { S3Options } from '../backends/aws/s3/index.js';
import type { SqsOptions } from '../backends/aws/sqs/index.js';
import type { PortName } from '../engine/backend.js';
import type { Profile } from '../profile/types.js';
import type { IslandPlan } from './backends.js';

interface Wanted {
  readonly profile: Profile;
  readonly plan: IslandPlan;
  readonly ports: readonly PortName[];
  readonly worker: string;
  readonly maintain: boolean;
}

export function sqsOptions(profile: Profile, plan: IslandPlan, worker: string): SqsOptions {
  const { aws, namespace } = plan.stores;
  const { visibilityMs } = profile.deployment;
  return { aws, namespace, endpoints: plan.queues, worker, visibilityMs };
}

export function s3Options({ profile, plan, ports, worker, maintain }: Wanted): S3Options {
  const { aws, namespace, s3 } = plan.stores;
  const { retentionMs } = profile.deployment;
  return {
    ...{ aws, worker, maintain, retentionMs },
    ports: ports.filter((port) => port !== 'broker'),
    bucket: s3.bucket,
    prefix: namespace,
    audit: profile.audit,
  };
}

export function dynamodbOptions({
  profile,
  plan,
  ports,
  worker,
  maintain,
}: Wanted): DynamodbOptions {
  const { aws, namespace } = plan.stores;
  const { retentionMs } = profile.deployment;
  return {
    ...{ aws, worker, maintain, retentionMs },
    ports: ports.filter((port) => port === 'business' || port === 'dedupe'),
    table: namespace,
    separateEntries: plan.keepsDispatched,
    audit: profile.audit,
  };
}
