/** Every kind of bad profile we could think of. */
import { endpoints, flags, stageCases, thresholds } from './bad-deployments.js';
import { outboxes } from './bad-outboxes.js';
import type { BadProfile } from './bad-profile.js';
import { form, keys, types, values } from './bad-values.js';

export const badProfiles: readonly BadProfile[] = [
  ...form,
  ...keys,
  ...types,
  ...values,
  ...stageCases,
  ...endpoints,
  ...outboxes,
  ...thresholds,
  ...flags,
];
