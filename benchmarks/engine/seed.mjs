/** Enters the messages that circulate. */
import { openDeployment } from '../../dist/src/deployment/open.js';
import { preciseNow } from '../../dist/src/engine/clock.js';
import { Entrance } from '../../dist/src/engine/enter.js';
import { IdSource } from '../../dist/src/engine/ids.js';
import { protocols } from '../../dist/src/engine/protocols/index.js';

const body = Buffer.from(JSON.stringify({ filler: 'x'.repeat(180) }));

export async function seed(profile, folder, count) {
  const deployment = await openDeployment({ profile, folder, worker: 'seed', maintain: false });
  const ids = new IdSource();
  const entrance = new Entrance(deployment.ports, () => ids.next());
  const { endpoints } = profile.deployment;
  const all = Array.from({ length: count }, (_, index) => {
    const { name, protocol } = endpoints[index % endpoints.length];
    const now = preciseNow();
    const headers = { intendedAt: now, sentAt: now };
    const key = `key-${index}`;
    const message = { id: ids.next(), endpoint: name, type: 'Generated', key, body, headers };
    return entrance.enter(protocols[protocol], message);
  });
  await Promise.all(all);
  await deployment.close();
}
