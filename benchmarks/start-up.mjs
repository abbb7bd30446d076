/** How long `oncectl --version` takes, against bare Node on the same machine at the same time. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const executable = fileURLToPath(new URL('../bin/oncectl.js', import.meta.url));

/** Medians of `rounds` alternating starts, in ms, and the limit: 1.5 times bare Node plus 100 ms. */
export function startUpTimes(rounds) {
  const bare = [];
  const version = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(startMs(['-e', '0']));
    version.push(startMs([executable, '--version']));
  }
  const bareMs = median(bare);
  return { bareMs, versionMs: median(version), limitMs: 1.5 * bareMs + 100 };
}

function startMs(args) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return performance.now() - began;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { bareMs, limitMs, versionMs } = startUpTimes(21);
  const ratio = (versionMs / bareMs).toFixed(2);
  process.stdout.write(
    `node -e 0 ${bareMs.toFixed(1)} ms, --version ${versionMs.toFixed(1)} ms, ratio ${ratio}, limit ${limitMs.toFixed(1)} ms\n`,
  );
}
