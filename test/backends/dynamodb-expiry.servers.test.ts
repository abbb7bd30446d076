/** What expires: the service deletes it some day, by its attribute; until then it counts as gone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entry, id, message } from '../conformance/fixtures.js';
import {
  itemsOf,
  makeTables,
  openStores,
  optionsFor,
  type Stores,
  servers,
} from './dynamodb/stores.js';

describe.each(servers())('$title', (server) => {
  const options = optionsFor(server);
  let stores: Stores;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    remove = await makeTables(options);
    stores = await openStores(options);
  });
  afterAll(async () => {
    await stores.opened.close();
    await remove();
  });

  it('a dedupe record that has expired is not there, although it lies there still', async () => {
    const [expired, valid] = [id(), id()];
    const at = Date.now();
    await stores.dedupe.add('orders', expired, { by: 'w', at, expires: at - 1 });
    await stores.dedupe.add('orders', valid, { by: 'w', at, expires: at + 60_000 });
    expect(await stores.dedupe.has('orders', expired)).toBe(false);
    expect(await stores.dedupe.has('orders', valid)).toBe(true);
    const items = await itemsOf(options, 'dedupe');
    const seconds = items.map(({ expires }) => Number(expires?.N)).sort();
    expect(seconds).toEqual([at - 1, at + 60_000].map((ms) => Math.ceil(ms / 1000)));
  });

  it.runIf(server.layout === 'apart')(
    'a dispatched entry keeps its id alone, and expires when its retention is over',
    async () => {
      const own = entry(id(), 'k', { messages: [message('next')] });
      await stores.business.commit('orders', 'k', 0, { entry: own });
      const at = 1_700_000_000_000;
      const to = { step: 'dispatched', at } as const;
      await stores.business.settle('orders', own.messageId, 'committed', to);
      const [item] = await itemsOf(options, 'entries');
      expect(Object.keys(item ?? {}).sort()).toEqual([
        'at',
        'expires',
        'head',
        'key',
        'settler',
        'step',
      ]);
      expect(Number(item?.['expires']?.N)).toBe((at + options.retentionMs) / 1000);
    },
  );
});
