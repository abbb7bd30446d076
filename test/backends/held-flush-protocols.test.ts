/**
 * Each store's flush is held back in turn while a message is at work, and nothing that depends on it
 * goes on: not here, where the protocol waits, and not in another process, which sees no trace of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EmbeddedDeployment, openEmbedded } from '../../src/backends/embedded/index.js';
import type { EffectKind } from '../../src/engine/effects.js';
import { Entrance } from '../../src/engine/enter.js';
import { endpoint as define } from '../../src/engine/handler.js';
import type { Ports } from '../../src/engine/ports.js';
import { protocols } from '../../src/engine/protocols/index.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { protocolSteps } from '../../src/engine/protocols/steps.js';
import { type Runtime, startRuntime } from '../../src/engine/runtime/runtime.js';
import { bytes, id, message } from '../conformance/fixtures.js';
import { Peer } from '../conformance/peer/client.js';

const here = 'orders';
const next = 'billing';

/** The step whose flush is held, and the store it writes to. */
interface Held {
  readonly protocol: ProtocolName;
  readonly environment: string;
  readonly step: EffectKind;
}

const cases: readonly Held[] = [
  { protocol: 'outbox', environment: 'business', step: 'commit' },
  { protocol: 'outbox', environment: 'broker', step: 'dispatch' },
  { protocol: 'outbox', environment: 'business', step: 'mark-dispatched' },
  { protocol: 'dedupe-store', environment: 'business', step: 'commit' },
  { protocol: 'dedupe-store', environment: 'broker', step: 'dispatch' },
  { protocol: 'dedupe-store', environment: 'dedupe', step: 'add-record' },
  { protocol: 'token', environment: 'business', step: 'commit' },
  { protocol: 'token', environment: 'payload', step: 'put-payloads' },
  { protocol: 'token', environment: 'business', step: 'mark-checked' },
  { protocol: 'token', environment: 'broker', step: 'dispatch' },
  { protocol: 'token', environment: 'payload', step: 'delete-payload' },
  { protocol: 'register-commit-publish', environment: 'business', step: 'register' },
  { protocol: 'register-commit-publish', environment: 'business', step: 'commit-slot' },
  { protocol: 'register-commit-publish', environment: 'broker', step: 'dispatch' },
  { protocol: 'local-transaction', environment: 'island', step: 'transact' },
];

let folder: string;
let deployment: EmbeddedDeployment;
let peer: Peer;
let runtime: Runtime;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oncectl-held-'));
});

afterEach(async () => {
  await runtime.stop(0);
  await peer.kill();
  await deployment.close();
  await rm(folder, { recursive: true, force: true });
});

for (const held of cases) {
  it(`${held.protocol}: nothing goes on while the flush of ${held.step} is held back`, async () => {
    const { done, reached, release, taken } = await startHolding(held);
    await reached;
    const before = await seenByPeer(peer.ports);
    for (let look = 0; look < 20; look += 1) {
      expect(await seenByPeer(peer.ports), 'the other process sees a held flush').toEqual(before);
      expect(taken, 'a later step was taken').not.toContain(held.step);
    }
    expect(before.leased, 'acknowledged although the flush was held').toBe(1);
    if (dependsOn('dispatch', held)) expect(before.dispatched, 'dispatched').toBe(0);
    release();
    await done;
    await expect.poll(() => seenByPeer(peer.ports)).toMatchObject({ leased: 0, dispatched: 1 });
  });
}

/** Whether `step` comes at or after the held one in the protocol. */
function dependsOn(step: EffectKind, held: Held): boolean {
  const steps = protocolSteps[held.protocol];
  return steps.indexOf(held.step) <= steps.indexOf(step) || held.step === 'transact';
}

async function startHolding({ protocol, environment, step }: Held) {
  const layout = protocol === 'local-transaction' ? 'island' : 'separate';
  deployment = await openEmbedded({ folder, layout, worker: 'own', gatherMs: 1 });
  peer = await Peer.start({ backend: 'embedded', options: { folder, layout } });
  const flush = gate(environment);
  const steps = protocolSteps[protocol];
  const before = steps[steps.indexOf(step) - 1];
  const taken: EffectKind[] = [];
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  runtime = startRuntime({
    worker: 'own',
    endpoints: [host(protocol)],
    visibilityMs: 60_000,
    retentionMs: 60_000,
    maxAttempts: 5,
    backoffMs: 10,
    audit: true,
    observer: {
      boundary: (_delivery, kind) => {
        taken.push(kind);
        if (kind === before) flush.hold();
        return undefined;
      },
      finished: () => finish(),
    },
  });
  const entering = { ...message(here), body: bytes('{}') };
  await new Entrance(deployment.ports, id).enter(protocols[protocol], entering);
  return { ...flush, done, taken };
}

function host(protocol: ProtocolName) {
  const definition = define({
    name: here,
    handlers: {
      '*': (_message: unknown, entity: { state: unknown }, send: (options: object) => void) => {
        entity.state = { handled: true };
        send({ type: 'Next', to: next, body: 1 });
      },
    } as never,
  });
  const limits = { sendsTo: [next], mayName: new Set([next]), maxBodyBytes: 1000 };
  const { ports } = deployment;
  return { definition, protocol: protocols[protocol], ports, limits, concurrency: 4 };
}

/** What the other process sees of the message at work and of what it causes. */
async function seenByPeer({ broker, business }: Ports) {
  const [own, after, pending] = await Promise.all([
    broker.depth(here),
    broker.depth(next),
    business.listPending(here, Date.now() + 60_000, null, 10),
  ]);
  return {
    leased: own.inFlight,
    dispatched: after.visible,
    pending: pending.map(({ step }) => step),
  };
}

/** Holds back every flush of one environment from `hold` until `release`. */
function gate(name: string) {
  const environment = deployment.environments[name];
  if (environment === undefined) throw new Error(`no environment ${name}`);
  let release = () => {};
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const closed = new Promise<void>((resolve) => {
    release = () => {
      environment.hold = null;
      resolve();
    };
  });
  const hold = () => {
    environment.hold = () => {
      reach();
      return closed;
    };
  };
  return { hold, reached, release };
}
