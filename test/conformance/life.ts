/** Closing: nothing hangs, and what fails fails as our own error. */
import assert from 'node:assert/strict';
import { OncectlError } from '../../src/engine/errors.js';
import type { Ports } from '../../src/engine/ports.js';
import { type Case, type Context, casesOf } from './case.js';
import { bytes, id, longLease, message, settles } from './fixtures.js';

export const lifeCases: readonly Case[] = casesOf('life', {
  'a receive that waits while the store closes comes back': async (context) => {
    const { subject, endpoint } = await opened(context);
    const options = { visibility: longLease, wait: 60_000, worker: 'w' };
    const waiting = subject.ports.broker.receive(endpoint, 1, options);
    const ended = settles('the waiting receive', context.capabilities.patience, ours(waiting));
    await subject.close();
    await ended;
  },

  'what is under way when the store closes resolves or fails as our own error': async (context) => {
    const { subject, endpoint } = await opened(context);
    const underWay = operations(subject.ports, endpoint).map(ours);
    await subject.close();
    await settles('what was under way', context.capabilities.patience, Promise.all(underWay));
  },

  'every operation after the close fails as our own error, or answers; none hangs': async (
    context,
  ) => {
    const { subject, endpoint } = await opened(context);
    await subject.close();
    const late = operations(subject.ports, endpoint).map(ours);
    await settles('an operation', context.capabilities.patience, Promise.all(late));
  },

  'closing twice is no error': async (context) => {
    const { subject } = await opened(context);
    await subject.close();
    await subject.close();
  },
});

async function opened(context: Context) {
  const subject = await context.open();
  const endpoint = `orders-${id().toLowerCase()}`;
  await subject.provision?.(endpoint);
  return { subject, endpoint };
}

function operations(ports: Ports, endpoint: string): Promise<unknown>[] {
  const origin = { endpoint, messageId: id(), attempt: id() };
  const expires = Date.now() + 60_000;
  return [
    ports.broker.send([message(endpoint)]),
    ports.broker.receive(endpoint, 1, { visibility: longLease, wait: 0, worker: 'w' }),
    ports.broker.depth(endpoint),
    ports.business.load(endpoint, 'k', id()),
    ports.business.commit(endpoint, 'k', 0, { state: bytes('x') }),
    ports.business.settle(endpoint, id(), 'any', { step: 'removed' }),
    ports.dedupe.has(endpoint, id()),
    ports.dedupe.add(endpoint, id(), { by: 'w', at: Date.now(), expires }),
    ports.payload.put(id(), bytes('x'), origin),
    ports.payload.get(id()),
    ports.payload.delete(id()),
  ];
}

async function ours(operation: Promise<unknown>): Promise<void> {
  await operation.catch((error: unknown) => {
    assert.ok(error instanceof OncectlError, `not an OncectlError: ${String(error)}`);
  });
}
