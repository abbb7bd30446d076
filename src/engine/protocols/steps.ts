/**
 * The numbered steps of every protocol, as `inspect` prints them and as faults name their boundaries.
 * A test drives each program and compares; this list is not typed twice.
 */
import type { EffectKind } from '../effects.js';
import type { BridgeTo } from './bridge.js';
import type { ProtocolName } from './names.js';

/** One name per atomic step: the kind of the effect that a program yields for it. */
export type StepName = EffectKind;

const reads: ReadonlySet<StepName> = new Set(['load', 'reload', 'has-record', 'get-payload']);

/** The step changes nothing in any store: it only decides how the program goes on. */
export function isRead(step: StepName): boolean {
  return reads.has(step);
}

/** The happy path of each protocol, in order. */
export const protocolSteps: Readonly<Record<ProtocolName, readonly StepName[]>> = {
  none: ['load', 'handle', 'save', 'dispatch', 'ack'],
  'local-transaction': ['load', 'handle', 'transact'],
  outbox: ['load', 'handle', 'commit', 'dispatch', 'mark-dispatched', 'ack'],
  'dedupe-store': [
    'load',
    'has-record',
    'handle',
    'commit',
    'dispatch',
    'add-record',
    'remove-entry',
    'ack',
  ],
  token: [
    'load',
    'get-payload',
    'handle',
    'commit',
    'put-payloads',
    'mark-checked',
    'dispatch',
    'delete-payload',
    'remove-entry',
    'ack',
  ],
  'register-commit-publish': [
    'load',
    'get-payload',
    'handle',
    'register',
    'put-payloads',
    'commit-slot',
    'dispatch',
    'delete-losers',
    'delete-payload',
    'clear-slot',
    'ack',
  ],
};

/** The happy path of a bridge, by how the endpoints behind it recognise a duplicate. */
export const bridgeSteps: Readonly<Record<BridgeTo, readonly StepName[]>> = {
  id: ['load', 'handle', 'commit', 'dispatch', 'mark-dispatched', 'ack'],
  token: [
    'load',
    'handle',
    'commit',
    'put-payloads',
    'mark-checked',
    'dispatch',
    'mark-dispatched',
    'ack',
  ],
  transaction: ['load', 'handle', 'commit', 'enter', 'mark-dispatched', 'ack'],
};

/** The named places between two steps where a fault can strike: `after <step>`, for all but the last. */
export function boundaries(protocol: ProtocolName): readonly string[] {
  return boundariesOf(protocolSteps[protocol]);
}

/** The same for a bridge. */
export function bridgeBoundaries(to: BridgeTo): readonly string[] {
  return boundariesOf(bridgeSteps[to]);
}

function boundariesOf(steps: readonly StepName[]): readonly string[] {
  return steps.slice(0, -1).map((step) => `after ${step}`);
}
