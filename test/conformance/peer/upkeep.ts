/** The upkeep of stores of two backends: of each part the one that is tested, else the other's. */
import type { UpkeepParts } from '../../../src/engine/upkeep.js';

export function everyUpkeep(
  other: Partial<UpkeepParts>,
  tested: Partial<UpkeepParts>,
): UpkeepParts {
  const { broker, business, dedupe, payload } = { ...other, ...tested };
  if (!broker || !business || !dedupe || !payload) throw new Error('a part of upkeep is missing');
  return { broker, business, dedupe, payload };
}
