/** Makes, shows and removes what a deployment needs in its backends, one after the other. */
import type { Finding, Provisioner, Resource } from '../engine/backend.js';
import type { BackendName, Profile } from '../profile/types.js';
import { backendsUsed, islandPlans } from './backends.js';
import { provisioners } from './provisioners.js';

export interface ProvisionOptions {
  readonly profile: Profile;
  /** Folder of an embedded deployment. */
  readonly folder: string;
}

/** Where a thing stands. */
interface Place {
  readonly island: string;
  readonly backend: BackendName;
}

export type DeployedResource = Resource & Place;
export type DeployedFinding = Finding & Place;

/** The provisioners of every backend that a deployment uses, as one; errors are theirs. */
export interface DeploymentProvisioner {
  inspect(): Promise<readonly DeployedResource[]>;
  create(onMade?: (resource: DeployedResource) => void): Promise<void>;
  remove(onRemoved?: (resource: DeployedResource) => void): Promise<void>;
  examine(): AsyncIterable<DeployedFinding>;
  close(): Promise<void>;
}

/** Connects nowhere yet: the first call does. */
export async function openProvisioner(options: ProvisionOptions): Promise<DeploymentProvisioner> {
  const { profile, folder } = options;
  const opened: Array<readonly [Place, Provisioner]> = [];
  for (const plan of islandPlans(profile, folder)) {
    for (const [backend, ports] of backendsUsed(plan)) {
      const provisioner = await provisioners[backend]({ profile, plan, ports });
      if (provisioner) opened.push([{ island: plan.name, backend }, provisioner]);
    }
  }
  return {
    inspect: async () => {
      const found: DeployedResource[] = [];
      for (const [place, provisioner] of opened) {
        found.push(...(await provisioner.inspect()).map((resource) => ({ ...place, ...resource })));
      }
      return found;
    },
    create: async (onMade) => {
      for (const [place, provisioner] of opened) {
        await provisioner.create((resource) => onMade?.({ ...place, ...resource }));
      }
    },
    // Backwards: an embedded island may lie in the folder of the deployment's own stores.
    remove: async (onRemoved) => {
      for (const [place, provisioner] of [...opened].reverse()) {
        await provisioner.remove((resource) => onRemoved?.({ ...place, ...resource }));
      }
    },
    async *examine() {
      for (const [place, provisioner] of opened) {
        for await (const finding of provisioner.examine()) yield { ...place, ...finding };
      }
    },
    close: async () => {
      for (const [, provisioner] of opened) await provisioner.close();
    },
  };
}
