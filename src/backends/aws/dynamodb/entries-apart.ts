/**
 * Entries as items of their own, `endpoint/message id`: what the outbox needs, whose entries stay. A
 * commit is one transaction of two items, at twice the price.
 *
 * Entity and entry are read in one transaction too. Two single reads could see the entity after a
 * commit and the entry before it, because the service writes the items of a transaction one after the
 * other; the message would then be handled again on a version that is fresh.
 */
import {
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { IdSource } from '../../../engine/ids.js';
import type { Entry, Settled, SettleFrom, SettleTo } from '../../../engine/ports.js';
import type { CommittedEntries, Loaded } from './committed-entries.js';
import type { CommitPlan } from './entity-item.js';
import { entryAttributes, entryOf } from './entry-item.js';
import { checkSize, type Item, number, sizeOf, text } from './item.js';
import { keyOf, placeOf, splitKey } from './keys.js';
import { judgeLostRace } from './lost-race.js';
import { ConditionFailed, type Session } from './session.js';
import { judgeSettle, setStep, whereMovable } from './settle-update.js';
import { keyItem, type Table } from './table.js';
import { Update } from './update.js';

export class EntriesApart implements CommittedEntries {
  readonly #session: Session;
  readonly #entities: Table;
  readonly #entries: Table;
  readonly #retentionMs: number;
  readonly #ids = new IdSource();

  constructor(entities: Table, entries: Table, retentionMs: number) {
    this.#session = entities.session;
    this.#entities = entities;
    this.#entries = entries;
    this.#retentionMs = retentionMs;
  }

  async load(key: string, messageId: string): Promise<Loaded> {
    const entryKey = keyOf(splitKey(key).endpoint, messageId);
    const { Responses = [] } = await this.#session.send('read', this.#entities.name, (client) =>
      client.send(
        new TransactGetItemsCommand({
          TransactItems: [
            { Get: { TableName: this.#entities.name, Key: keyItem(key) } },
            { Get: { TableName: this.#entries.name, Key: keyItem(entryKey) } },
          ],
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
    const [entity, entry] = Responses;
    return {
      item: entity?.Item ?? null,
      entry: entry?.Item ? entryOf(messageId, entry.Item) : null,
    };
  }

  async commit(plan: CommitPlan, update: Update, entry: Entry | null): Promise<void> {
    const item = entry ? entryItem(splitKey(plan.key).endpoint, entry) : null;
    if (item) checkSize('the outgoing messages', plan.key, sizeOf(item));
    try {
      if (item) await this.#transact(plan, update, item);
      else await this.#entities.update(plan.key, update);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      await judgeLostRace(plan, error, () => this.#entities.read(plan.key));
    }
  }

  /** Repeated under the same token, it takes effect once. */
  async #transact(plan: CommitPlan, update: Update, entry: Item): Promise<void> {
    const { name } = this.#entities;
    const { UpdateExpression = '', ...conditions } = update.parts();
    const items: TransactWriteItem[] = [
      {
        Update: {
          TableName: name,
          Key: keyItem(plan.key),
          UpdateExpression,
          ...conditions,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      { Put: { TableName: this.#entries.name, Item: { ...entry } } },
    ];
    await this.#session.send('write', name, (client) =>
      client.send(
        new TransactWriteItemsCommand({
          TransactItems: items,
          ClientRequestToken: plan.writer,
          ReturnConsumedCapacity: 'TOTAL',
        }),
      ),
    );
  }

  async settle(
    endpoint: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    const key = keyOf(endpoint, messageId);
    const settler = this.#ids.next();
    for (;;) {
      try {
        await this.#write(key, from, to, settler);
        return 'settled';
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        const present = error.present ?? (await this.#entries.read(key));
        const outcome = judgeSettle(present, from, to, settler);
        if (outcome !== 'free') return outcome;
      }
    }
  }

  note(): void {}

  async #write(key: string, from: SettleFrom, to: SettleTo, settler: string): Promise<void> {
    const update = whereMovable(new Update(), [], from, to);
    if (to.step === 'removed') return this.#entries.remove(key, update);
    setStep(update, [], to, settler);
    if (to.step === 'dispatched') {
      update.set(['expires'], number(Math.ceil((to.at + this.#retentionMs) / 1000)));
      update.remove(['pending'], ['place']);
    }
    await this.#entries.update(key, update);
  }
}

function entryItem(endpoint: string, entry: Entry): Item {
  const key = keyOf(endpoint, entry.messageId);
  const { partition, place } = placeOf(key, entry.committedAt);
  const isPending = entry.step !== 'dispatched';
  return {
    key: text(key),
    ...entryAttributes(entry),
    ...(isPending ? { pending: text(partition), place: text(place) } : {}),
  };
}
