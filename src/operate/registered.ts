/** Entities with a slot or with registered attempts (register-commit-publish), page after page. */
import type { BusinessUpkeep, RegisteredEntity } from '../engine/upkeep.js';

const pageSize = 500;

/** All of one endpoint, by key. Reads no page before it is asked for. */
export async function* registeredEntities(
  business: BusinessUpkeep,
  endpoint: string,
): AsyncIterable<RegisteredEntity> {
  for (let after: string | null = null; ; ) {
    const page: readonly RegisteredEntity[] = await business.registered(endpoint, {
      ...{ prefix: '', after, limit: pageSize },
    });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    after = last.key;
  }
}

/** Ids of the messages that its slot and its registrations are of. */
export function messagesOf({ slot, registry }: RegisteredEntity): readonly string[] {
  return [...(slot ? [slot.messageId] : []), ...registry.map(({ messageId }) => messageId)];
}
