/** Bundles the live view alone, so that its tests need no full build. Prints the folder. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Returns the folder that holds `live.js`; below node_modules, so that ink is found from it. */
export async function buildLiveView() {
  const outdir = `${root}node_modules/.cache/oncectl-live-view`;
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: [`${root}src/tui/live.ts`],
    outdir,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
  });
  return outdir;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await buildLiveView()}\n`);
}
