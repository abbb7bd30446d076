/** What must have occurred before "holds" means anything: a model in which nothing happens holds too. */
import { isRead, protocolSteps } from '../engine/protocols/steps.js';
import type { Subject } from './trace-file.js';

/**
 * Names of occurrences that the subject's bounds make possible, whatever its stores. A crash behind a
 * step that only read is a crash before that step, so that only steps behind a write are named.
 */
export function mustOccur({ protocol, mutant, producer, bounds }: Subject): string[] {
  if (mutant !== null || producer !== null) return [];
  const steps = protocolSteps[protocol];
  const names: string[] = [];
  if (bounds.crashes > 0) {
    steps.forEach((step, at) => {
      const before = steps[at - 1];
      if (before && !isRead(before) && before !== 'handle') names.push(`crash before ${step}`);
    });
  }
  const isQueueRow = protocol === 'local-transaction';
  if (bounds.copies > 1 && !isQueueRow && protocol !== 'none') {
    names.push('a duplicate was dropped');
    const commit = steps.find((step) => step === 'commit' || step === 'commit-slot');
    if (bounds.workers > 1 && commit) names.push(`${commit} lost the race`);
  }
  return names;
}
