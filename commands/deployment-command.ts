/** What the commands share that are about a deployment: how it is named, and how it is loaded. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { LoadedProfile } from '../src/profile/load.js';

export const deploymentArgs = {
  profile: Args.string({
    description: 'A file, or a built-in profile; else ONCECTL_PROFILE, else ./oncectl.yaml.',
  }),
};

export const deploymentFlags = {
  protocol: Flags.string({
    description: 'Short for --set deployment.protocol=NAME.',
    helpValue: 'NAME',
  }),
  backend: Flags.string({
    description: 'Short for --set deployment.backend=NAME.',
    helpValue: 'NAME',
  }),
  set: Flags.string({
    description: 'Replace one value: deployment.namespace=shop. Can be given again.',
    helpValue: 'KEY=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

interface Given {
  readonly args: { readonly profile?: string | undefined };
  readonly flags: {
    readonly protocol?: string | undefined;
    readonly backend?: string | undefined;
    readonly set?: readonly string[] | undefined;
  };
}

/** The deployment's profile, and the folder of what of it is embedded. */
export async function loadDeployment({
  args,
  flags,
}: Given): Promise<LoadedProfile & { readonly folder: string }> {
  const { chooseProfile } = await import('../src/profile/choose.js');
  const { loadProfile } = await import('../src/profile/load.js');
  const { deploymentFolder } = await import('../src/deployment/backends.js');
  const name = chooseProfile(args.profile, process.env, process.cwd());
  const set = [
    ...(flags.set ?? []),
    ...(flags.protocol === undefined ? [] : [`deployment.protocol=${flags.protocol}`]),
    ...(flags.backend === undefined ? [] : [`deployment.backend=${flags.backend}`]),
  ];
  const loaded = await loadProfile(name, { set });
  return { ...loaded, folder: deploymentFolder(loaded.profile, process.cwd()) };
}
