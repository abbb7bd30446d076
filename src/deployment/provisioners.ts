/** How each backend is provisioned, from what a profile says: a line for a new one. */
import type { PortName, Provisioner } from '../engine/backend.js';
import type { BackendName, Profile } from '../profile/types.js';
import { dynamodbOptions, s3Options, sqsOptions } from './aws-options.js';
import { type IslandPlan, layoutOf, schemaOf } from './backends.js';

export interface ProvisionerOptions {
  readonly profile: Profile;
  readonly plan: IslandPlan;
  readonly ports: readonly PortName[];
}

/** Name of whoever provisions, where a store wants one. */
const worker = 'deploy';

/** `null`: there is nothing to make. */
type Open = (options: ProvisionerOptions) => Promise<Provisioner | null>;

export const provisioners: Readonly<Record<BackendName, Open>> = {
  embedded: async ({ plan }) => {
    const { embeddedProvisioner } = await import('../backends/embedded/provision.js');
    return embeddedProvisioner({ folder: plan.folder, layout: layoutOf(plan) });
  },
  noop: async () => null,
  postgres: async ({ plan }) => {
    const { postgresProvisioner } = await import('../backends/postgres/index.js');
    const { url } = plan.stores.postgres;
    return postgresProvisioner({ url, schema: schemaOf(plan.stores) });
  },
  sqs: async ({ profile, plan }) => {
    const { sqsProvisioner } = await import('../backends/aws/sqs/index.js');
    return sqsProvisioner(sqsOptions(profile, plan, worker));
  },
  s3: async (options) => {
    const { s3Provisioner } = await import('../backends/aws/s3/index.js');
    return s3Provisioner(s3Options({ ...options, worker, maintain: false }));
  },
  dynamodb: async (options) => {
    const { dynamodbProvisioner } = await import('../backends/aws/dynamodb/index.js');
    return dynamodbProvisioner(dynamodbOptions({ ...options, worker, maintain: false }));
  },
};
