/** The payloads that are present, over all payload stores of a deployment. */
import { OncectlError } from '../../engine/errors.js';
import type { PayloadStore } from '../../engine/ports.js';
import type { StoredPayload } from '../../engine/upkeep.js';
import type { Operation } from '../operation.js';

export interface PresentPayload extends StoredPayload {
  /** Island in whose payload store it lies. */
  readonly island: string;
}

export interface PresentPayloads {
  readonly payloads: readonly PresentPayload[];
  /** There are more than were asked for. */
  readonly truncated: boolean;
}

const pageSize = 1000;

/** Reads only; at most `most`, in the order of their ids within an island. */
export async function presentPayloads(
  operation: Operation,
  most: number,
): Promise<PresentPayloads> {
  const payloads: PresentPayload[] = [];
  const seen = new Set<string>();
  for (const [island, { upkeep }] of operation.deployment.islands) {
    for (let after: string | null = null; upkeep; ) {
      const page: readonly StoredPayload[] = await upkeep.payload.payloads({
        ...{ prefix: '', after, limit: pageSize },
      });
      for (const payload of page) {
        // Two islands may share a store.
        if (seen.has(payload.id)) continue;
        if (payloads.length >= most) return { payloads, truncated: true };
        seen.add(payload.id);
        payloads.push({ ...payload, island });
      }
      const last = page.at(-1);
      if (!last || page.length < pageSize) break;
      after = last.id;
    }
  }
  return { payloads, truncated: false };
}

/** Those whose ids begin so; at most `limit` of an island. */
async function payloadsLike(
  operation: Operation,
  prefix: string,
  limit: number,
): Promise<readonly PresentPayload[]> {
  const found = new Map<string, PresentPayload>();
  for (const [island, { upkeep }] of operation.deployment.islands) {
    const page = (await upkeep?.payload.payloads({ prefix, after: null, limit })) ?? [];
    for (const one of page) if (!found.has(one.id)) found.set(one.id, { ...one, island });
  }
  return [...found.values()];
}

/** The payload with exactly this id; null when it is absent. */
export async function presentPayload(
  operation: Operation,
  id: string,
): Promise<PresentPayload | null> {
  const found = await payloadsLike(operation, id, 1);
  return found.find((one) => one.id === id) ?? null;
}

/** The payload store of an island. */
export function payloadStoreOf(operation: Operation, island: string): PayloadStore {
  const opened = operation.deployment.islands.get(island);
  if (opened) return opened.ports.payload;
  throw new OncectlError('not-found', `the deployment has no island "${island}"`, {
    about: island,
    hint: '-p names another deployment',
  });
}
