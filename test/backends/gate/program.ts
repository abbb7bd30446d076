/**
 * A process that writes to the deployment named on the command line, one payload for each id it is
 * sent. It says `inside` from within the write transaction, goes on when told `go`, and says `durable`.
 */
import { openEmbedded } from '../../../src/backends/embedded/index.js';

const [folder = ''] = process.argv.slice(2);
const { ports, environments } = await openEmbedded({ folder, layout: 'separate', worker: 'other' });
let isToWait = false;
let goOn = (): void => {};
if (environments['payload']) {
  environments['payload'].hold = async () => {
    if (!isToWait) return;
    await new Promise<void>((resolve) => {
      goOn = resolve;
      process.send?.('inside');
    });
  };
}

process.on('message', (word: 'write' | 'write and wait' | 'go') => {
  if (word === 'go') return goOn();
  isToWait = word === 'write and wait';
  const origin = { endpoint: 'orders', messageId: 'm', attempt: 'a' };
  void ports.payload.put('p', new Uint8Array(1), origin).then(() => process.send?.('durable'));
});
process.send?.('ready');
