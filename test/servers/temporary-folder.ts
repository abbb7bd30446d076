import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that any user may pass through: PostgreSQL runs as nobody where the tests run as root. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oncectl-dev-'));
  chmodSync(folder, 0o755);
  return folder;
}
