/** A ring of endpoints: messages go round for ever, so that as many stay in flight as entered. */
import { loadProfile } from '../../dist/src/profile/load.js';

export async function ringProfile(protocol) {
  const { profile } = await loadProfile('classic', {
    set: [`deployment.protocol=${protocol}`, 'deployment.control=true', 'audit=off'],
  });
  const { endpoints } = profile.deployment;
  const ring = endpoints.map((endpoint, index) => ({
    ...endpoint,
    sendsTo: [endpoints[(index + 1) % endpoints.length].name],
  }));
  // Dedupe records and dispatched entries are purged as in a long run, not merely piled up.
  const deployment = { ...profile.deployment, endpoints: ring, retentionMs: 5000 };
  return { ...profile, deployment };
}
