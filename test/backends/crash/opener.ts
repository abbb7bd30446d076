/** Opens and closes the deployment named on the command line, as often as asked, while others write. */
import { openEmbedded } from '../../../src/backends/embedded/index.js';

const [folder = '', times = ''] = process.argv.slice(2);
for (let turn = 0; turn < Number(times); turn += 1) {
  const deployment = await openEmbedded({ folder, layout: 'separate', worker: `opener-${turn}` });
  await deployment.close();
}
