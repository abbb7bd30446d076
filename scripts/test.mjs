/** `npm test`: makes the checkout and the local servers runnable, then runs every test. Arguments go to vitest. */
import { join } from 'node:path';
import { ready } from './ready.mjs';
import { root, runScript } from './run.mjs';

process.exitCode =
  (await ready({ servers: true })) ||
  (await runScript(join(root, 'node_modules', 'vitest', 'vitest.mjs'), [
    'run',
    ...process.argv.slice(2),
  ]));
