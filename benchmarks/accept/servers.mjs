/** Real servers for the acceptance: started for a row, on free ports of this machine, and ended with it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../dist/src/dev/start.js';

/** Runs `work` with the servers of these names, and the variables that make clients find them. */
export async function withServers(names, work) {
  const folder = mkdtempSync(join(tmpdir(), 'oncectl-accept-'));
  // PostgreSQL runs as nobody where this runs as root, and has to pass through.
  chmodSync(folder, 0o711);
  const servers = [];
  try {
    for (const name of names) servers.push(await startServer(name, { folder: join(folder, name) }));
    if (servers.some((server) => server === null))
      throw new Error(`not all of ${names} start here`);
    const env = Object.assign({}, ...servers.map(({ environment }) => environment));
    return await work({ servers, env });
  } finally {
    await Promise.all(servers.map((server) => server?.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills each server so many ms from now and starts it again; resolves when all are back. */
export async function restartAfter(servers, ms) {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.all(servers.map((server) => server.restart('kill')));
}
