/** How each backend is provisioned, from what a profile says: a line for a new one. */
import type { PortName, Provisioner } from '../engine/backend.js';
import { OncectlError } from '../engine/errors.js';
import type { BackendName, Profile } from '../profile/types.js';
import { type IslandPlan, layoutOf, schemaOf } from './backends.js';

export interface ProvisionerOptions {
  readonly profile: Profile;
  readonly plan: IslandPlan;
  readonly ports: readonly PortName[];
}

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
  sqs: notYet,
  s3: notYet,
  dynamodb: notYet,
};

async function notYet(): Promise<never> {
  throw new OncectlError('profile', 'this backend is not in this version');
}
