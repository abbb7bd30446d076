/** A folder of its own for each measurement, on the disk that the repository lies on. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const base = fileURLToPath(new URL('../../.oncectl/benchmarks/', import.meta.url));

export async function withFolder(use) {
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, 'engine-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
