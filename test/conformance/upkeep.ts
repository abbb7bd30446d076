/** Upkeep: what operating finds in the stores, and the little that it removes there. */
import { brokerUpkeepCases } from './upkeep-broker.js';
import { businessUpkeepCases } from './upkeep-business.js';
import { pendingUpkeepCases } from './upkeep-pending.js';
import { recordUpkeepCases } from './upkeep-records.js';

export const upkeepCases = [
  ...brokerUpkeepCases,
  ...businessUpkeepCases,
  ...pendingUpkeepCases,
  ...recordUpkeepCases,
];
