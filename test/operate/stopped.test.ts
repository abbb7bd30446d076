/**
 * Workers are stopped at every step of every protocol (SIGKILL, real processes); then an operator finds,
 * understands and repairs what is left, through the built CLI, on embedded.
 */
import { describe, it } from 'vitest';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { inFull, isFull } from './length.js';
import { findExplainRepair, inFolder, repairTwiceAtOnce } from './operator.js';

const longestMs = 240_000;

const protocols: readonly ProtocolName[] = [
  'local-transaction',
  'outbox',
  'dedupe-store',
  'token',
  'register-commit-publish',
];

describe('stopped at every step', () => {
  it.each(inFull(protocols, ['outbox', 'token']))(
    '%s: list finds exactly what is stuck, inspect names the step, repair brings the audit to clean',
    (protocol) => inFolder((folder) => findExplainRepair(folder, protocol, {})),
    longestMs,
  );
});

describe.runIf(isFull)('two repairs at once', () => {
  it.each(protocols)(
    '%s: each item is done once between them',
    (protocol) => inFolder((folder) => repairTwiceAtOnce(folder, protocol, {})),
    longestMs,
  );
});
