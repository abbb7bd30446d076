/** Exits, as on an uncaught exception, in the middle of a write transaction: it holds the lock then. */

import { Env } from '../../../src/backends/embedded/env.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';

const [folder = ''] = process.argv.slice(2);
const original = Env.prototype.write;
Env.prototype.write = function write(run, urgency, room) {
  this.hold = () => new Promise<void>(() => setTimeout(() => process.exit(3), 50));
  return original.call(this, run, urgency, room) as never;
};
const { ports } = await openEmbedded({ folder, layout: 'separate', worker: 'exiter' });
const origin = { endpoint: 'orders', messageId: 'm', attempt: 'a' };
await ports.payload.put('half-way', new Uint8Array(1), origin);
