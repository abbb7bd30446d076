/** What there is to run: a line for each built-in profile. */
import { backendText } from './backends.js';
import { builtInNames } from './find.js';
import { loadProfile } from './load.js';
import type { Profile } from './types.js';

/** A profile in a few words. */
export interface ProfileSummary {
  readonly name: string;
  readonly description: string;
  readonly protocol: string;
  readonly backend: string;
  readonly endpoints: number;
  /** What enters, and what is handled over all endpoints, per second. */
  readonly enteringPerSecond: number;
  readonly handledPerSecond: number;
  /** All stages together, ms. */
  readonly durationMs: number;
  readonly path: string;
}

/** The built-in profiles, by name. */
export async function listProfiles(): Promise<readonly ProfileSummary[]> {
  const names = await builtInNames();
  return Promise.all(
    names.map(async (name) => {
      const { profile, source } = await loadProfile(name);
      return { ...summarize(profile), path: source.path };
    }),
  );
}

/** The figures of a profile that people choose by. */
export function summarize(profile: Profile): Omit<ProfileSummary, 'path'> {
  const { deployment, load } = profile;
  const protocols = deployment.endpoints.map(({ protocol }) => protocol);
  return {
    name: profile.name,
    description: profile.description,
    protocol: [...new Set(protocols)].join('+'),
    backend: backendText(deployment),
    endpoints: deployment.endpoints.length,
    enteringPerSecond: load.ratePerSecond,
    handledPerSecond: load.ratePerSecond * handledPerEntered(profile),
    durationMs: load.stages.reduce((sum, stage) => sum + stage.durationMs, 0),
  };
}

/**
 * How many messages the endpoints handle, on average, for one that enters: 15 in a chain of 15.
 * An endpoint with handlers of its own is taken to send one message to each receiver.
 */
export function handledPerEntered({ deployment, load }: Profile): number {
  const receivers = new Map(deployment.endpoints.map(({ name, sendsTo }) => [name, sendsTo]));
  const known = new Map<string, number>();
  const handledFrom = (name: string, above: ReadonlySet<string>): number => {
    const sendsTo = receivers.get(name);
    if (sendsTo === undefined || above.has(name)) return 0;
    const path = new Set([...above, name]);
    const total = known.get(name) ?? sendsTo.reduce((sum, to) => sum + handledFrom(to, path), 1);
    known.set(name, total);
    return total;
  };
  const sum = load.enter.reduce((total, name) => total + handledFrom(name, new Set()), 0);
  return load.enter.length === 0 ? 0 : sum / load.enter.length;
}
