/** Renders what `bench drain` came to. */
import type { DrainedRun } from '../bench/drain.js';
import type { ResultOf } from './documents/table.js';
import { exitCode } from './exit-codes.js';
import { plural } from './format.js';

export function drainResult({ result, outcome, handled }: DrainedRun): ResultOf<'bench.drain'> {
  const { runId, drained, correctness, verdict, leftBehind } = result;
  const ended = drained ? 'nothing waits any more' : 'something still waits';
  const lines = [
    `${runId}: ${plural(handled, 'message')} handled, ${ended}`,
    `audit: ${verdict.audit}`,
    ...(leftBehind === null ? [] : [leftText(leftBehind)]),
  ];
  const code = outcome === 'violated' ? exitCode('violated') : drained ? 0 : exitCode('partial');
  return {
    name: 'bench.drain',
    data: { runId, handled, drained, correctness, leftBehind },
    text: `${lines.join('\n')}\n`,
    ids: [runId],
    exitCode: code,
  };
}

function leftText({ stuck, dead, orphans }: NonNullable<DrainedRun['result']['leftBehind']>) {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  const parts = [
    `${sum(stuck)} stuck`,
    plural(sum(dead), 'dead letter'),
    plural(orphans, 'orphaned payload'),
  ];
  return `left behind: ${parts.join(', ')}`;
}
