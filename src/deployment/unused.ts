/**
 * Stands at a port that no protocol of the island uses: what it would need (a bucket, a table) is then
 * not asked for. Only dedupe records and payloads are ever unused. Nothing calls it; its evidence is that it holds nothing.
 */
import type { OpenedStores } from '../engine/backend.js';
import { OncectlError } from '../engine/errors.js';

async function used(): Promise<never> {
  throw new OncectlError('bug', 'a store was called that no protocol of this island uses');
}

const dedupe = { has: used, add: used };
const payload = { name: 'unused', put: used, get: used, delete: used };
const noRecords = { dedupeRecords: 0, overdueDedupeRecords: 0 };

export const unusedStores: OpenedStores = {
  ports: { dedupe, payload },
  evidence: {
    dedupe: { leftovers: async () => noRecords },
    payload: { payloads: nothing },
  },
  upkeep: {
    dedupe: { records: async () => [], remove: async () => false },
    payload: { payloads: async () => [] },
  },
  counts: () => ({}),
  storeBytes: async () => 0,
  close: async () => {},
};

async function* nothing(): AsyncIterable<never> {}
