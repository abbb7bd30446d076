/**
 * Opens the stores named on the command line in a process of its own and carries out the port calls
 * that its parent sends. Ends with its parent.
 */
import { writeFileSync } from 'node:fs';
import { asOncectlError } from '../../../src/engine/errors.js';
import type { PortCall, PortReply } from './calls.js';
import { openTarget, type PeerTarget } from './openers.js';

const ports = await openTarget(JSON.parse(process.argv[2] ?? '') as PeerTarget);
process.on('message', (call: PortCall) => void answer(call));
process.on('disconnect', () => process.exit(0));
reply({ id: 0, value: ports.payload?.name });

async function answer(call: PortCall): Promise<void> {
  try {
    const value = await perform(call);
    if (call.flag !== undefined) writeFileSync(call.flag, '');
    reply({ id: call.id, value });
  } catch (thrown) {
    const { kind, message, about, happened, hint } = asOncectlError(thrown);
    reply({ id: call.id, error: { kind, message, about, happened, hint } });
  }
}

function perform(call: PortCall): Promise<unknown> {
  const port = ports[call.port] as unknown as Record<string, unknown> | undefined;
  const method = port?.[call.method];
  if (typeof method !== 'function') throw new Error(`no ${call.port}.${call.method} here`);
  return method.apply(port, call.arguments);
}

function reply(message: PortReply): void {
  process.send?.(message);
}
