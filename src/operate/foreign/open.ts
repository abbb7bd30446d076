/** The outboxes of other libraries that a profile declares (`engine/foreign.ts`). */
import { openForeignOutbox } from '../../backends/foreign/index.js';
import { addressOf } from '../../backends/postgres/address.js';
import { connectTo } from '../../backends/postgres/connection.js';
import { OncectlError } from '../../engine/errors.js';
import type { ForeignOutbox } from '../../engine/foreign.js';
import { didYouMean } from '../../profile/nearest.js';
import type { OutboxProfile, Profile } from '../../profile/types.js';

export interface OpenedForeign {
  readonly profile: OutboxProfile;
  readonly outbox: ForeignOutbox;
}

/**
 * Every outbox of the profile, in its order; each is connected to when it is first asked, so that one
 * that is down hides no other. Whoever opens them closes each. Rejects with `profile` for a URL that is
 * none.
 */
export function openForeign({ deployment }: Profile): readonly OpenedForeign[] {
  // The profile in a result of an earlier version has no outboxes.
  return (deployment.outboxes ?? []).map((profile) => {
    const address = addressOf(profile.url ?? deployment.postgres.url);
    const outbox = openForeignOutbox({
      name: profile.name,
      source: profile.source,
      connect: () => connectTo(address, 'oncectl operator'),
      shown: address.shown,
    });
    return { profile, outbox };
  });
}

/** The one of that name. Rejects with `usage`, and names those that there are. */
export function foreignNamed(all: readonly OpenedForeign[], name: string): OpenedForeign {
  const found = all.find(({ profile }) => profile.name === name);
  if (found) return found;
  const names = all.map(({ profile }) => profile.name);
  throw new OncectlError('usage', `there is no outbox "${name}"${didYouMean(name, names)}`, {
    about: name,
    hint:
      names.length === 0 ? 'deployment.outboxes declares none' : `there are: ${names.join(', ')}`,
  });
}

/** Refuses what only its own library can finish, and says how that does it. */
export function notOurs({ outbox }: Pick<OpenedForeign, 'outbox'>): OncectlError {
  const { name, kind, finishing } = outbox;
  return new OncectlError('refused', `oncectl does not dispatch what ${kind} wrote`, {
    about: `outbox ${name}`,
    hint: `${finishing.how} (${finishing.source})`,
  });
}
