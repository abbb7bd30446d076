/** What `oncectl deploy` does: makes, shows and removes a deployment. */
import { OncectlError } from '../engine/errors.js';
import { openDeployment } from './open.js';
import {
  type DeployedFinding,
  type DeployedResource,
  openProvisioner,
  type ProvisionOptions,
} from './provision.js';

/** What was there, and what became of it. */
export interface DeployStep extends DeployedResource {
  readonly action: 'none' | 'make' | 'upgrade' | 'remove';
  /** False where it was only looked at. */
  readonly done: boolean;
}

/** Every resource as it stands. */
export async function deployStatus(
  options: ProvisionOptions,
): Promise<readonly DeployedResource[]> {
  const provisioner = await openProvisioner(options);
  try {
    return await provisioner.inspect();
  } finally {
    await provisioner.close();
  }
}

/**
 * Makes what is missing and upgrades what is outdated. Refuses (kind `refused`), before it changes
 * anything, when something of that name is not as it must be and not ours to change.
 */
export async function deployUp(
  options: ProvisionOptions & { readonly dryRun: boolean },
): Promise<readonly DeployStep[]> {
  const provisioner = await openProvisioner(options);
  try {
    const before = await provisioner.inspect();
    const steps = before.map((resource) => stepUp(resource, !options.dryRun));
    if (options.dryRun) return steps;
    refuseWhatIsWrong(before);
    await provisioner.create();
    return steps;
  } finally {
    await provisioner.close();
  }
}

const upwards: Readonly<Record<DeployedResource['state'], DeployStep['action']>> = {
  ready: 'none',
  missing: 'make',
  outdated: 'upgrade',
  wrong: 'none',
  unused: 'none',
};

function stepUp(resource: DeployedResource, done: boolean): DeployStep {
  const action = upwards[resource.state];
  return { ...resource, action, done: done && action !== 'none' };
}

function refuseWhatIsWrong(resources: readonly DeployedResource[]): void {
  const wrong = resources.filter(({ state }) => state === 'wrong');
  const [first] = wrong;
  if (!first) return;
  const all = wrong.map(({ kind, name, detail }) => `${kind} ${name}: ${detail ?? 'not ours'}`);
  throw new OncectlError('refused', all.join('\n'), {
    about: `${first.kind} ${first.name}`,
    hint: 'remove or rename it, or choose another deployment.namespace; nothing was changed',
  });
}

export interface DownOptions extends ProvisionOptions {
  readonly dryRun: boolean;
  /** Also while messages are queued. */
  readonly force: boolean;
}

/**
 * Removes everything, with what is in it. Refuses (kind `refused`) while messages are queued, in
 * flight, delayed or dead, unless forced.
 */
export async function deployDown(options: DownOptions): Promise<readonly DeployStep[]> {
  const provisioner = await openProvisioner(options);
  try {
    const before = await provisioner.inspect();
    const there = before.filter(({ state }) => state !== 'missing');
    const steps = before.map(
      (resource): DeployStep => ({
        ...resource,
        action: resource.state === 'missing' ? 'none' : 'remove',
        done: resource.state !== 'missing' && !options.dryRun,
      }),
    );
    if (options.dryRun || there.length === 0) return steps;
    if (!options.force) await refuseWhileBusy(options, before);
    await provisioner.remove();
    return steps;
  } finally {
    await provisioner.close();
  }
}

/** A deployment of which a part is missing cannot be opened; what is left of it holds nothing whole. */
async function refuseWhileBusy(
  { profile, folder }: ProvisionOptions,
  resources: readonly DeployedResource[],
): Promise<void> {
  if (resources.some(({ state }) => state === 'missing')) return;
  const deployment = await openDeployment({ profile, folder, worker: 'deploy', maintain: false });
  try {
    const busy = [...(await deployment.depth())]
      .map(([queue, { visible, inFlight, delayed, dead }]) => ({
        queue,
        messages: visible + inFlight + delayed + dead,
      }))
      .filter(({ messages }) => messages > 0);
    const [first] = busy;
    if (!first) return;
    const sum = busy.reduce((total, { messages }) => total + messages, 0);
    throw new OncectlError('refused', `${sum} messages are still queued, in flight or dead`, {
      about: busy.map(({ queue, messages }) => `${queue}: ${messages}`).join(', '),
      hint: 'let the workers finish, or use --force, which loses them; nothing was changed',
    });
  } finally {
    await deployment.close();
  }
}

/** What `oncectl doctor` finds; a backend that cannot be reached is a finding and no error. */
export async function examineDeployment(
  options: ProvisionOptions,
): Promise<readonly DeployedFinding[]> {
  const provisioner = await openProvisioner(options);
  const found: DeployedFinding[] = [];
  try {
    for await (const finding of provisioner.examine()) found.push(finding);
  } finally {
    await provisioner.close();
  }
  return [...found, ...setting(options)];
}

/** What the profile itself says that would break a protocol. */
function setting({ profile }: ProvisionOptions): readonly DeployedFinding[] {
  const { visibilityMs, retentionMs, broker } = profile.deployment;
  const seconds = (ms: number) => `${ms / 1000} s`;
  const isShort = retentionMs <= visibilityMs;
  return [
    {
      ...{ island: 'main', backend: broker, what: 'retention against visibility' },
      verdict: isShort ? 'breaks' : 'ok',
      detail: `${seconds(retentionMs)} against ${seconds(visibilityMs)}`,
      hint: isShort
        ? 'a redelivered message would be handled again: raise deployment.retention'
        : null,
    },
  ];
}
