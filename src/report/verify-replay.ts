/** `verify --replay`: the steps of a kept schedule, and what they come to today. */
import type { Replayed } from '../replay/index.js';
import type { ReplayedSteps, TraceFile } from '../verify/index.js';
import type { ResultOf } from './documents/table.js';
import { exitCode } from './exit-codes.js';
import { stepLines } from './verify.js';
import { explainText } from './verify-explain.js';

/**
 * On simulated stores: 97 when the schedule violates something, 0 when it does not; 7 when a schedule
 * that has to hold can no longer be followed, for then it shows nothing.
 */
export function replayResult(
  file: TraceFile,
  { found, taken }: ReplayedSteps,
  explain: boolean,
): ResultOf<'verify.replay'> {
  const name = file.mutant ?? file.protocol;
  const verdict = found ? `${name} violates ${found.invariant}` : unbroken(file, taken);
  const isFollowed = taken === file.steps.length;
  const exit = found ? 'violated' : isFollowed || file.invariant !== null ? 'done' : 'partial';
  const lines = [
    verdict,
    ...stepLines(file.steps),
    `      ${found?.text ?? (file.invariant === null ? file.text : verdict)}`,
  ];
  const data = {
    ...{ protocol: file.protocol, mutant: file.mutant, on: 'simulated stores', taken },
    ...{ invariant: found?.invariant ?? null, text: found?.text ?? null, expected: file.invariant },
    steps: file.steps,
  };
  return {
    ...{ name: 'verify.replay', data, exitCode: exitCode(exit) },
    text: ({ width }) =>
      found && explain ? explainText(verdict, found, file.bounds, width) : lines.join('\n'),
  };
}

function unbroken({ protocol, steps, invariant }: TraceFile, taken: number): string {
  const isFollowed = taken === steps.length;
  const how = isFollowed ? 'the steps end well' : `step ${taken + 1} cannot happen now`;
  if (invariant !== null) return `no violation of ${invariant} any more: ${how}`;
  return isFollowed ? `${protocol} holds: ${how}` : `nothing was shown of ${protocol}: ${how}`;
}

/** On real stores: as above, and what each step did. */
export function storesResult(
  file: TraceFile,
  profile: string,
  isRight: boolean,
  { violation, steps, divergedAt, kills }: Replayed,
): ResultOf<'verify.replay'> {
  const name = isRight ? file.protocol : (file.mutant ?? file.protocol);
  const verdict = violation
    ? `${name} violates ${violation.invariant} on real stores: ${violation.text}`
    : `${name}: nothing lost, doubled or leaked on real stores`;
  const moves = stepLines(steps.map(({ move }) => move));
  const lines = steps.map(({ did }, at) => `${moves[at]}${did ? `  -> ${did}` : ''}`);
  const parted =
    divergedAt === null
      ? 'every step went as on the simulated stores'
      : `from step ${divergedAt + 1} the real stores answered otherwise; the workers finished by themselves`;
  const killed = kills === 1 ? '1 process killed' : `${kills} processes killed`;
  const data = {
    ...{ protocol: file.protocol, mutant: file.mutant, on: profile },
    ...{ invariant: violation?.invariant ?? null, text: violation?.text ?? null },
    ...{ expected: file.invariant, divergedAt, kills, steps },
  };
  return {
    ...{ name: 'verify.replay', data, exitCode: exitCode(violation ? 'violated' : 'done') },
    text: [...lines, '', `${parted}; ${killed}`, verdict].join('\n'),
  };
}
