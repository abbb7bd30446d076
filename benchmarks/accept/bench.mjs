/** The acceptance of issue 3, a row per line of its list. Run by `npm run accept -- bench`. */
import { join } from 'node:path';
import { captureScript, root } from '../../scripts/run.mjs';
import { startUpTimes } from '../start-up.mjs';

const script = (name) => join(root, 'scripts', name);

export const rows = [
  {
    line: '`--version` takes at most 1.5 times `node -e 0` plus 100 ms',
    command: 'node benchmarks/start-up.mjs',
    async run() {
      const { bareMs, limitMs, versionMs } = startUpTimes(21);
      const figure = `${versionMs.toFixed(0)} ms, limit ${limitMs.toFixed(0)} ms (node -e 0: ${bareMs.toFixed(0)} ms)`;
      return { figure, holds: versionMs <= limitMs };
    },
  },
  {
    line: 'lint, format, types, dead exports, import direction, house style and docs',
    command: 'npm run check',
    async run() {
      const { code, output } = await captureScript(script('check.mjs'), []);
      return { figure: output.trim().split('\n').at(-1) ?? '', holds: code === 0 };
    },
  },
];
