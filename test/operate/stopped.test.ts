/**
 * Workers are stopped at every step of every protocol (SIGKILL, real processes); then an operator finds,
 * understands and repairs what is left, through the built CLI, on embedded. Most of the time they wait
 * for leases to end, so they wait together.
 */
import { describe, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { findExplainRepair, inFolder, repairTwiceAtOnce } from './operator.js';

const isFull = process.env['ONCECTL_ACCEPT'] === 'full';
const longestMs = 240_000;
/** Side by side on two cores everything takes longer; the leases must outlast it. */
const variation = { visibility: '40s' };

const protocols: readonly ProtocolName[] = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];

describe.concurrent('stopped at every step', () => {
  it.each(protocols)(
    '%s: list finds exactly what is stuck, inspect names the step, repair brings the audit to clean',
    (protocol) => inFolder((folder) => findExplainRepair(folder, protocol, variation)),
    longestMs,
  );
});

describe.concurrent('two repairs at once', () => {
  it.each(isFull ? protocols : (['token'] as const))(
    '%s: each item is done once between them',
    (protocol) => inFolder((folder) => repairTwiceAtOnce(folder, protocol, variation)),
    longestMs,
  );
});
