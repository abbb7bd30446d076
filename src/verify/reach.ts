/** What must have occurred before "holds" means anything: a model in which nothing happens holds too. */
import { protocols, remainingSteps } from '../engine/protocols/index.js';
import { isRead, protocolSteps, type StepName } from '../engine/protocols/steps.js';
import type { Subject } from './trace-file.js';

/**
 * Names of occurrences that the subject's bounds make possible, whatever its stores. A crash behind a
 * step that only read is a crash before that step, so that only steps behind a write are named.
 */
export function mustOccur(subject: Subject): string[] {
  const { protocol, mutant, producer, bounds } = subject;
  if (mutant !== null || producer !== null) return [];
  const steps = protocolSteps[protocol];
  const names: string[] = repairsMustReach(subject);
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

/** Steps of a repair that another one, or a worker, may have taken before. */
const contested: readonly StepName[] = ['mark-checked', 'clear-slot'];

function repairsMustReach({ protocol, bounds }: Subject): string[] {
  const from = protocol === 'register-commit-publish' ? 'slot' : 'committed';
  const steps = remainingSteps(protocols[protocol], from);
  if ((bounds.repairs ?? 0) === 0 || steps.length === 0) return [];
  const crashes = bounds.crashes > 0 ? steps.slice(1).map((step) => `crash before ${step}`) : [];
  const races = steps.filter((step) => contested.includes(step));
  const ends = ['sent what was left', 'found nothing to send'];
  const names = [...ends, ...crashes, ...races.map((step) => `${step} lost the race`)];
  return names.map((name) => `repair: ${name}`);
}
