/**
 * Opens the embedded deployment named on the command line in a process of its own, as a user who is
 * not root, and prints what came of it: a store that cannot be opened must not take the tests along.
 * With `fill` it goes on to write until the store refuses, frees the ballast file, and goes on.
 */
import { rmSync } from 'node:fs';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { OncectlError } from '../../../src/engine/errors.js';
import { message } from '../../conformance/fixtures.js';
import type { Attempt, Refusal } from './outcome.js';

const [folder = '', what, ballast = ''] = process.argv.slice(2);
const nobody = 65_534;

if (what === 'open' && process.getuid?.() === 0) process.setuid?.(nobody);
const attempt = await (what === 'fill' ? fill() : open());
process.stdout.write(`${JSON.stringify(attempt)}\n`);

async function open(): Promise<Attempt> {
  return outcome(async () => {
    const deployment = await openEmbedded({ folder, layout: 'separate', worker: 'attempt' });
    await deployment.ports.broker.depth('orders');
    await deployment.close();
  });
}

async function fill(): Promise<Attempt> {
  const deployment = await openEmbedded({ folder, layout: 'separate', worker: 'attempt' });
  const { ports, evidence } = deployment;
  const sent: string[] = [];
  let refused: Attempt = {};
  while (refused.refusal === undefined) {
    const one = message('orders', { body: new Uint8Array(20_000) });
    refused = await outcome(() => ports.broker.send([one]));
    if (refused.refusal === undefined) sent.push(one.id);
  }
  rmSync(ballast);
  const after = message('orders');
  const recovered = await outcome(() => ports.broker.send([after]));
  const there = new Set<string>();
  for await (const { messageId } of evidence.pending()) there.add(messageId);
  await deployment.close();
  const lost = sent.filter((id) => !there.has(id)).length;
  const goesOn = recovered.refusal === undefined && there.has(after.id);
  return { ...refused, sent: sent.length, lost, goesOn };
}

async function outcome(action: () => Promise<unknown>): Promise<Attempt> {
  try {
    await action();
    return {};
  } catch (error) {
    return { refusal: described(error) };
  }
}

function described(error: unknown): Refusal {
  if (!(error instanceof OncectlError))
    return { kind: 'none', happened: 'no', text: String(error) };
  const { kind, happened, message: text, hint, about } = error;
  return { kind, happened, text, ...(hint && { hint }), ...(about && { about }) };
}
