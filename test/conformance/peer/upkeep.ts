/** The upkeep of stores of two backends: of each part the one that is tested, else the other's. */
import type { UpkeepParts } from '../../../src/engine/upkeep.js';

export function everyUpkeep(
  other: Partial<UpkeepParts>,
  tested: Partial<UpkeepParts>,
): UpkeepParts {
  const { broker, business, dedupe, payload } = { ...other, ...tested };
  return { broker, business, dedupe, payload } as UpkeepParts;
}

/** TEMPORARY */
export function upkeepOf(embedded: object): Partial<UpkeepParts> {
  return (embedded as { upkeep?: Partial<UpkeepParts> }).upkeep ?? {};
}
