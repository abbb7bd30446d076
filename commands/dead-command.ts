/** The filter that the commands on dead letters share. */
import * as Flags from '@oclif/core/flags';
import type { DeadFilter, DeadHead } from '../src/operate/dead/letters.js';
import type { Operation } from '../src/operate/operation.js';
import { durationOf } from './operate-command.js';

export const deadFlags = {
  endpoint: Flags.string({
    description: 'Only this endpoint. Can be given again.',
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
  }),
  error: Flags.string({
    description: 'Only where the last failure said this.',
    helpValue: 'TEXT',
  }),
  group: Flags.string({
    description: 'Only of this group of errors: as dead list --group shows it, or a part of it.',
    helpValue: 'ERROR',
  }),
  older: Flags.string({ description: 'Only what died so long ago.', helpValue: 'DURATION' }),
};

interface Given {
  readonly endpoint?: readonly string[] | undefined;
  readonly error?: string | undefined;
  readonly group?: string | undefined;
  readonly older?: string | undefined;
}

/** The filter as it was typed; its group may be a part of one. */
export async function deadFilter({ endpoint, error, group, older }: Given): Promise<DeadFilter> {
  return {
    endpoints: endpoint ?? [],
    error: error ?? null,
    group: group ?? null,
    olderThanMs: older === undefined ? 0 : await durationOf('--older', older),
  };
}

export interface ChosenLetters {
  readonly letters: readonly DeadHead[];
  /** What was not looked at. */
  readonly warnings: readonly string[];
}

/** Those with the ids, or else all; of these those that the filter takes. */
export async function chosenLetters(
  operation: Operation,
  ids: readonly string[],
  typed: DeadFilter,
): Promise<ChosenLetters> {
  const { allDead, lookAtMost, namedDead, onlyMatching } = await import(
    '../src/operate/dead/letters.js'
  );
  const { withWholeGroup } = await import('../src/operate/dead/groups.js');
  const filter = await withWholeGroup(operation, typed);
  if (ids.length > 0) {
    const named = await namedDead(operation, ids, filter.endpoints);
    return { letters: onlyMatching(named, filter), warnings: [] };
  }
  const { coverageWarnings } = await import('../src/report/coverage.js');
  const { letters, exact, coverage } = await allDead(operation, filter);
  const cut = exact
    ? []
    : [`only the first ${lookAtMost.toLocaleString('en-US')} dead letters were looked at`];
  return {
    letters,
    warnings: [...cut, ...coverageWarnings(coverage)],
  };
}
