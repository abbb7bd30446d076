/** Faults in words, the same ones on the screen, in the log and in the report. */
import type { FaultRecord } from '../bench/result.js';
import { formatCount } from './format.js';

/** Faults worth a line of their own; duplicates, delays and lost acks come by the hundred. */
export function isStrike(fault: FaultRecord): boolean {
  return fault.kind === 'kill' || fault.kind === 'stall' || fault.kind === 'partition';
}

/** "kill orders after commit" */
export function faultName(fault: FaultRecord): string {
  return [fault.kind, fault.endpoint, fault.step].filter((part) => part !== null).join(' ');
}

/** "kill 3, duplicate 12", in the order in which the kinds came. */
export function countKinds(faults: readonly { readonly kind: string }[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${kind} ${formatCount(count)}`).join(', ');
}
