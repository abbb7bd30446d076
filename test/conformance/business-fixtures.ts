/** Helpers of the business store's cases. */
import { Conflict } from '../../src/engine/errors.js';
import type { BusinessStore, Entity, EntryStep, Ports } from '../../src/engine/ports.js';
import type { Context } from './case.js';
import { bytes, entry, eventually, id, text } from './fixtures.js';

/** `load` may be stale: loads until the entity has at least this version. */
export function loadAt(
  context: Context,
  ports: Ports,
  endpoint: string,
  key: string,
  messageId: string,
  version: number,
): Promise<Entity> {
  return eventually(
    `version ${version}`,
    context.capabilities.patience,
    () => ports.business.load(endpoint, key, messageId),
    (entity) => entity.version >= version,
  );
}

/** Loads, adds one, commits; from the load again after a lost race. Resolves with its version. */
export async function countUp(
  store: BusinessStore,
  endpoint: string,
  key: string,
  messageId: string,
): Promise<number> {
  for (;;) {
    const found = await store.load(endpoint, key, messageId);
    const state = bytes(String(Number(text(found.state) ?? 0) + 1));
    try {
      const change = { state, entry: entry(messageId, key) };
      return await store.commit(endpoint, key, found.version, change);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

/** Commits an entry (on the entity's present version) and settles it up to `step`. */
export async function entryAt(
  context: Context,
  endpoint: string,
  step: EntryStep,
  fields: Parameters<typeof entry>[2] = {},
  key = 'k',
) {
  const { business } = context.ports;
  const written = entry(id(), key, fields);
  const { version: expected } = await business.load(endpoint, key, written.messageId);
  const version = await business.commit(endpoint, key, expected, { entry: written });
  const payloads = Object.fromEntries(written.messages.map((one) => [one.id, id()]));
  if (step !== 'committed') {
    const to = step === 'checked' ? { step, payloads } : { step, at: Date.now() };
    await business.settle(endpoint, written.messageId, 'committed', to);
  }
  return { written, version, payloads };
}
