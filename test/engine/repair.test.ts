/**
 * Repair on real stores: a delivery is left behind after each of its steps, for every protocol and every
 * bridge; repair finishes what is pending, takes the steps that `remainingSteps` foretells, and no other.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import type { EffectKind, Program } from '../../src/engine/effects.js';
import { Entrance } from '../../src/engine/enter.js';
import { Conflict } from '../../src/engine/errors.js';
import { endpoint } from '../../src/engine/handler.js';
import { IdSource } from '../../src/engine/ids.js';
import type { Delivery, Message } from '../../src/engine/message.js';
import type { PendingEntry } from '../../src/engine/ports.js';
import {
  bridge,
  deliver,
  type Protocol,
  protocols,
  remainingSteps,
  repairedMessage,
  repairing,
} from '../../src/engine/protocols/index.js';
import {
  bridgeSteps,
  isRead,
  protocolSteps,
  type StepName,
} from '../../src/engine/protocols/steps.js';
import { type Performer, perform } from '../../src/engine/runtime/interpreter.js';
import { bytes, message, receiveNow } from '../conformance/fixtures.js';
import { counting } from './world.js';

const ids = new IdSource();
const queue = 'orders';
const next = 'next';

interface Case {
  readonly name: string;
  readonly protocol: Protocol;
  readonly ladder: readonly StepName[];
}

const cases: readonly Case[] = [
  ...(['outbox', 'dedupe-store', 'token', 'register-commit-publish'] as const).map((name) => {
    return { name, protocol: protocols[name], ladder: protocolSteps[name] };
  }),
  ...(['id', 'token', 'transaction'] as const).map((to) => {
    return { name: `bridge to ${to}`, protocol: bridge(to), ladder: bridgeSteps[to] };
  }),
];

let deployment: EmbeddedDeployment;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-repair-'));
  deployment = await openEmbedded({ folder, layout: 'island', worker: 'test' });
});

afterEach(async () => {
  await deployment.close();
  await rm(folder, { recursive: true, force: true });
});

function performer(delivery: Delivery | null): Performer {
  const { ports } = deployment;
  return {
    ...{ worker: 'worker', ports, onward: ports, ids, retentionMs: 60_000, audit: false },
    definition: endpoint<Record<string, unknown>>({ name: queue, handlers: { '*': counting } }),
    limits: { sendsTo: [next], mayName: new Set([next]), maxBodyBytes: 100_000 },
    // Repair has no delivery: whatever asked for one would fail.
    delivery: delivery as Delivery,
    receipt: async () => (delivery as Delivery).receipt,
    ...{ onCommitted: () => {}, onBody: () => {}, onLostPayload: () => {} },
  };
}

/** Runs until the step named was taken, or to the end; answers the steps taken. */
async function run(program: Program, by: Performer, until?: StepName): Promise<EffectKind[]> {
  const taken: EffectKind[] = [];
  for (let step = program.next(); !step.done; ) {
    const { kind } = step.value;
    taken.push(kind);
    const result = await perform(step.value, by);
    if (kind === until) break;
    step = program.next(result);
  }
  return taken;
}

/** A message enters, and its delivery is left behind after the step. */
async function leave(protocol: Protocol, after: StepName): Promise<Message> {
  const { ports } = deployment;
  const sent = message(queue, { body: bytes('{}') });
  await new Entrance(ports, () => ids.next()).enter(protocol, sent);
  const [delivery] = await receiveNow(ports.broker, queue, 1);
  if (!delivery) throw new Error('nothing was received');
  await run(deliver(protocol, delivery.message), performer(delivery), after);
  return delivery.message;
}

function pendingEntries(): Promise<PendingEntry[]> {
  return deployment.ports.business.listPending(queue, Date.now() + 1000, null, 10);
}

/** What an operator's command does: everything it knows comes from the entry. */
async function programFor(protocol: Protocol, { key, messageId }: PendingEntry): Promise<Program> {
  const { business, payload } = deployment.ports;
  const { entry, slot } = await business.load(queue, key, messageId);
  const token = entry?.token ?? slot?.token ?? null;
  const found = { endpoint: queue, key, messageId, token };
  return repairing(protocol, repairedMessage(found, payload.name));
}

async function sentOn(): Promise<string[]> {
  const copies = await receiveNow(deployment.ports.broker, next, 100);
  return copies.map((copy) => copy.message.id);
}

describe.each(cases)('$name', ({ protocol, ladder }) => {
  const committing = ladder.findIndex((step) => step === 'commit' || step === 'commit-slot');
  const before = ladder.slice(0, committing);
  const pendingAfter = ladder.slice(committing, -2);

  it.each(pendingAfter)('left behind after %s: is finished by the steps foretold', async (step) => {
    const { key, headers } = await leave(protocol, step);
    const [entry] = await pendingEntries();
    if (!entry) throw new Error('nothing is pending');
    const foretold = remainingSteps(protocol, entry.step);
    const taken = await run(await programFor(protocol, entry), performer(null));
    const wrote = taken.filter((kind) => !isRead(kind));
    expect(foretold.slice(-wrote.length)).toEqual(wrote);
    // Only what the entry cannot tell may be left out: it is recorded elsewhere that it is done.
    const isRecorded =
      step === 'add-record' || (step === 'delete-payload' && !entry.step.startsWith('s'));
    if (isRecorded) expect(wrote).toEqual(['remove-entry']);
    else expect(wrote).toEqual(foretold);
    expect(await pendingEntries()).toEqual([]);
    expect(new Set(await sentOn()).size).toBe(1);
    const { state } = await deployment.ports.business.load(queue, key, '');
    expect(new TextDecoder().decode(state ?? bytes(''))).toBe('{"count":1}');
    const token = protocol.recognisesBy === 'token' ? headers.payload?.id : undefined;
    if (token) expect(await deployment.ports.payload.get(token)).toBeNull();
  });

  it.each(before)(
    'left behind after %s: nothing is pending, and repair writes nothing',
    async (step) => {
      const left = await leave(protocol, step);
      expect(await pendingEntries()).toEqual([]);
      const { id, key, headers } = left;
      const before = await deployment.ports.business.load(queue, key, id);
      const found = { endpoint: queue, key, messageId: id, token: headers.payload?.id ?? null };
      const blind = repairing(protocol, repairedMessage(found, deployment.ports.payload.name));
      const taken = await run(blind, performer(null));
      expect(taken.filter((kind) => !isRead(kind))).toEqual([]);
      expect(await deployment.ports.business.load(queue, key, id)).toEqual(before);
      expect(await sentOn()).toEqual([]);
    },
  );

  it('a second repair, begun on the same entry, does nothing more', async () => {
    await leave(protocol, ladder[committing] as StepName);
    const [entry] = await pendingEntries();
    if (!entry) throw new Error('nothing is pending');
    const [first, second] = [await programFor(protocol, entry), await programFor(protocol, entry)];
    await run(first, performer(null));
    const [sent] = await sentOn();
    const taken = await run(second, performer(null));
    const wrote = taken.filter((kind) => !isRead(kind));
    expect(wrote.filter((kind) => kind !== 'remove-entry')).toEqual([]);
    expect(sent).toBeDefined();
    expect(await sentOn()).toEqual([]);
  });

  it('foretells a last part of the ladder, without the ack', () => {
    for (const from of ['committed', 'checked', 'slot'] as const) {
      const steps = remainingSteps(protocol, from);
      const upToAck = ladder.slice(0, -1);
      expect(upToAck.slice(upToAck.length - steps.length)).toEqual(steps);
    }
  });

  it('is killed after each of its own steps, and run again', async () => {
    for (const step of remainingSteps(
      protocol,
      protocol.name === 'register-commit-publish' ? 'slot' : 'committed',
    )) {
      const { key } = await leave(protocol, ladder[committing] as StepName);
      const [entry] = await pendingEntries();
      if (!entry) throw new Error('nothing is pending');
      await run(await programFor(protocol, entry), performer(null), step);
      for (const left of await pendingEntries())
        await run(await programFor(protocol, left), performer(null));
      expect(await pendingEntries()).toEqual([]);
      expect(new Set(await sentOn()).size).toBe(1);
      expect(key).toBe(entry.key);
    }
  });
});

it.each(['none', 'local-transaction'] as const)('%s leaves nothing to repair', async (name) => {
  for (const from of ['committed', 'checked', 'slot'] as const)
    expect(remainingSteps(protocols[name], from)).toEqual([]);
  const found = { endpoint: queue, key: 'k', messageId: ids.next(), token: null };
  const program = repairing(protocols[name], repairedMessage(found, 'embedded'));
  expect(await run(program, performer(null))).toEqual(['load']);
});

it('loses the race to another copy as a delivery does, and finds nothing afterwards', async () => {
  const { token } = protocols;
  await leave(token, 'commit');
  const [entry] = await pendingEntries();
  if (!entry) throw new Error('nothing is pending');
  const slow = await programFor(token, entry);
  const by = performer(null);
  let step = slow.next();
  while (!step.done && step.value.kind !== 'mark-checked')
    step = slow.next(await perform(step.value, by));
  await run(await programFor(token, entry), by);
  if (step.done) throw new Error('it ended');
  await expect(perform(step.value, by)).rejects.toThrow(Conflict);
  const found = { endpoint: queue, key: entry.key, messageId: entry.messageId, token: 'gone' };
  const again = repairing(token, repairedMessage(found, 'embedded'));
  expect(await run(again, by)).toEqual(['load', 'get-payload', 'remove-entry']);
  expect(await sentOn()).toHaveLength(1);
});

it('reports a token as lost, and loses the race, where another finished between its reads', async () => {
  const { token } = protocols;
  await leave(token, 'commit');
  const [entry] = await pendingEntries();
  if (!entry) throw new Error('nothing is pending');
  const slow = await programFor(token, entry);
  const by = performer(null);
  const loading = slow.next();
  if (loading.done) throw new Error('it ended');
  const seen = await perform(loading.value, by);
  await run(await programFor(token, entry), by);
  const taken: EffectKind[] = [];
  for (let step = slow.next(seen); !step.done; ) {
    taken.push(step.value.kind);
    if (step.value.kind === 'mark-checked') {
      await expect(perform(step.value, by)).rejects.toThrow(Conflict);
      break;
    }
    step = slow.next(await perform(step.value, by));
  }
  expect(taken).toEqual(['get-payload', 'report-lost', 'put-payloads', 'mark-checked']);
  expect(await sentOn()).toHaveLength(1);
});

it('refuses a token protocol without a token before it writes', async () => {
  await leave(protocols.token, 'commit');
  const [entry] = await pendingEntries();
  if (!entry) throw new Error('nothing is pending');
  const found = { endpoint: queue, key: entry.key, messageId: entry.messageId, token: null };
  const program = repairing(protocols.token, repairedMessage(found, 'embedded'));
  await expect(run(program, performer(null))).rejects.toThrow('it names no payload');
  expect(await pendingEntries()).toHaveLength(1);
});
