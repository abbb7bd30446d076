/**
 * What somebody else does between two reads of one statement, on both versions of the server: an
 * administrator's transaction holds an entity, so that the statement waits in its middle.
 */
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Conflict } from '../../src/engine/errors.js';
import type { Delivery } from '../../src/engine/message.js';
import { bytes, eventually, id, message, receiveOne, text } from '../conformance/fixtures.js';
import {
  asSuperuser,
  create,
  freshSchema,
  open,
  portOf,
  type Stores,
  urlOf,
  withClient,
} from './postgres-fixtures.js';

describe.each(['postgres-14', 'postgres-18'] as const)('a local transaction on %s', (server) => {
  let schema: string;
  let stores: Stores;
  let endpoint: string;
  let delivery: Delivery;

  const url = (user = 'oncectl') => urlOf({ user, port: portOf(server) });

  beforeEach(async () => {
    schema = freshSchema();
    await create({ url: url(), schema });
    stores = await open({ url: url(), schema });
    endpoint = `q-${id().toLowerCase()}`;
    await stores.island.enter([message(endpoint, { key: 'k' })]);
    delivery = await receiveOne(stores.broker, endpoint);
    await stores.business.commit(endpoint, 'k', 0, { state: bytes('before') });
  });

  afterEach(async () => {
    await stores.opened.close();
    await asSuperuser(`drop schema ${schema} cascade`, portOf(server));
  });

  /** Its outcome, after `meanwhile` was done and committed while it waited for the entity. */
  async function outcomeOf(meanwhile: string): Promise<unknown> {
    return await withClient(url('postgres'), async (admin) => {
      await admin.query(`set search_path = ${schema}; begin`);
      await admin.query(`select from entities for update`);
      const sent = [message('next')];
      const outcome = stores.island
        .transact(delivery, 1, { state: bytes('after') }, sent)
        .catch((error: unknown) => error);
      await eventually(
        'a call that waits',
        10_000,
        () => waiting(admin),
        (count) => count === 1,
      );
      await admin.query(`${meanwhile}; commit`);
      return await outcome;
    });
  }

  const stored = async () => {
    const { state } = await stores.business.load(endpoint, 'k', id());
    const depths = [await stores.broker.depth(endpoint), await stores.broker.depth('next')];
    return [text(state), ...depths.map(({ visible, inFlight }) => visible + inFlight)];
  };

  it('whose lease somebody takes after it was read does nothing, and says so', async () => {
    expect(await outcomeOf('update queue set receives = receives + 1')).toBe('gone');
    expect(await stored()).toEqual(['before', 1, 0]);
  });

  it('whose message somebody removes after it was read does nothing, and says so', async () => {
    expect(await outcomeOf('delete from queue')).toBe('gone');
    expect(await stored()).toEqual(['before', 0, 0]);
  });

  it('whose lease is only prolonged meanwhile takes the message all the same', async () => {
    expect(await outcomeOf('update queue set leased_until = leased_until + 1')).toBe('done');
    expect(await stored()).toEqual(['after', 0, 1]);
  });

  it('whose entity somebody writes meanwhile is a conflict, and keeps the message', async () => {
    expect(await outcomeOf('update entities set version = version + 1')).toBeInstanceOf(Conflict);
    expect(await stored()).toEqual(['before', 1, 0]);
  });

  async function waiting(admin: Client): Promise<number> {
    const { rows } = await admin.query(
      `select count(*)::integer as count from pg_stat_activity
      where wait_event_type = 'Lock' and application_name = 'oncectl own'`,
    );
    return rows[0].count;
  }
});
