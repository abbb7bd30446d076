/**
 * Repairs rows of a foreign outbox in a process of its own, which may kill itself after a step of the
 * first one. Arguments: file of the resolved profile, folder of the deployment, name of the outbox, step or `-`, ids.
 */
import { readFileSync } from 'node:fs';
import { openDeployment } from '../../../src/deployment/open.js';
import { dispatchForeign } from '../../../src/operate/foreign/dispatch.js';
import { foreignNamed, openForeign } from '../../../src/operate/foreign/open.js';
import type { Profile } from '../../../src/profile/types.js';

const [file = '', folder = '', name = '', killAfter = '-', ...ids] = process.argv.slice(2);

const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
const outboxes = openForeign(profile);
const deployment = await openDeployment({ profile, folder, worker: 'repair', maintain: false });
const boundary = (step: string) => {
  if (step === killAfter) process.kill(process.pid, 'SIGKILL');
};

for (const id of ids) {
  const foreign = foreignNamed(outboxes, name);
  const options = { observed: null, boundary };
  const { outcome } = await dispatchForeign(foreign, id, { profile, deployment }, options);
  process.stdout.write(`${id} ${outcome}\n`);
}
for (const { outbox } of outboxes) await outbox.close();
await deployment.close();
