/**
 * Makes, shows and removes the tables: on demand, so that nothing is paid for that is not used, and
 * with expiry where the server has it. The tags come with the table, so that one which was half made
 * is known as ours, and finished.
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
  TagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Finding, Provisioner, Resource } from '../../../engine/backend.js';
import { OncectlError } from '../../../engine/errors.js';
import type { AwsOptions } from '../shared/client.js';
import { examine } from './examine.js';
import { Session } from './session.js';
import {
  describeTable,
  entriesTag,
  hasIndex,
  isMissing,
  isUnknownOperation,
  resource,
  type TableState,
  tableState,
  tableVersion,
  versionTag,
} from './table-state.js';
import {
  indexName,
  otherTablesOf,
  type TableOptions,
  type TableShape,
  tablesOf,
} from './tables.js';

export interface ProvisionOptions extends TableOptions {
  readonly aws: AwsOptions;
}

/** An index on a large table takes its time. */
const mostWaitMs = 15 * 60_000;
const pollMs = 250;

/** Opens nothing until it is asked. */
export function dynamodbProvisioner(options: ProvisionOptions): Provisioner {
  return new DynamodbProvisioner(options);
}

class DynamodbProvisioner implements Provisioner {
  readonly #options: ProvisionOptions;
  readonly #session: Session;

  constructor(options: ProvisionOptions) {
    this.#options = options;
    this.#session = new Session(options.aws);
  }

  async inspect(): Promise<readonly Resource[]> {
    const found: Resource[] = [];
    for (const shape of tablesOf(this.#options)) found.push(asResource(await this.#state(shape)));
    for (const shape of otherTablesOf(this.#options)) {
      const { state } = await this.#state(shape);
      if (state !== 'missing' && state !== 'wrong') found.push(resource(shape, 'unused'));
    }
    return found;
  }

  async create(onMade?: (resource: Resource) => void): Promise<void> {
    for (const shape of tablesOf(this.#options)) {
      const before = await this.#state(shape);
      if (before.state === 'wrong') throw foreign(before);
      if (before.state === 'missing') await this.#make(shape, before);
      if (before.state === 'outdated') await this.#addIndex(shape);
      await this.#active(shape);
      const hasExpiry = before.deletesExpired !== true && (await this.#expire(shape));
      if (before.state !== 'ready' || hasExpiry) onMade?.(resource(shape, 'ready'));
    }
  }

  async remove(onRemoved?: (resource: Resource) => void): Promise<void> {
    const shapes = [...tablesOf(this.#options), ...otherTablesOf(this.#options)];
    for (const shape of shapes) {
      const state = await this.#state(shape);
      if (state.description === null) continue;
      if (state.state === 'wrong' && !isOurs(state)) throw foreign(state);
      if (state.state !== 'missing') await this.#delete(shape);
      await this.#gone(shape);
      onRemoved?.(resource(shape, 'missing'));
    }
  }

  examine(): AsyncIterable<Finding> {
    return examine(this.#session, this.#options);
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  #state(shape: TableShape): Promise<TableState> {
    return tableState(this.#session, shape);
  }

  async #make(shape: TableShape, { description }: TableState): Promise<void> {
    if (description) await this.#gone(shape);
    const { name } = shape;
    await this.#session.send('write', name, (client) =>
      client.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: keySchema(shape.keys),
          AttributeDefinitions: attributes([...shape.keys, ...(shape.index ? indexKeys : [])]),
          ...(shape.index ? { GlobalSecondaryIndexes: [index] } : {}),
          Tags: tagsOf(shape),
        }),
      ),
    );
    await this.#active(shape);
    await this.#tag(shape);
  }

  /** For a server that takes the tags of a new table and forgets them. */
  async #tag(shape: TableShape): Promise<void> {
    const { state, description } = await this.#state(shape);
    if (state !== 'wrong') return;
    await this.#session.send('write', shape.name, (client) =>
      client.send(
        new TagResourceCommand({ ResourceArn: description?.TableArn, Tags: tagsOf(shape) }),
      ),
    );
  }

  async #addIndex(shape: TableShape): Promise<void> {
    await this.#session.send('write', shape.name, (client) =>
      client.send(
        new UpdateTableCommand({
          TableName: shape.name,
          AttributeDefinitions: attributes([...shape.keys, ...indexKeys]),
          GlobalSecondaryIndexUpdates: [{ Create: index }],
        }),
      ),
    );
  }

  /** True when it was switched on now; false where there is nothing to expire, or no such thing. */
  async #expire({ name, expires }: TableShape): Promise<boolean> {
    if (!expires) return false;
    try {
      await this.#session.send('write', name, (client) =>
        client.send(
          new UpdateTimeToLiveCommand({
            TableName: name,
            TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
          }),
        ),
      );
      return true;
    } catch (error) {
      if (isUnknownOperation(error)) return false;
      throw error;
    }
  }

  async #delete({ name }: TableShape): Promise<void> {
    try {
      await this.#session.send('write', name, (client) =>
        client.send(new DeleteTableCommand({ TableName: name })),
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #active(shape: TableShape): Promise<void> {
    await this.#until(shape, 'to become active', (table) => {
      const indexes = table?.GlobalSecondaryIndexes ?? [];
      if (table?.TableStatus !== 'ACTIVE' || (shape.index && !hasIndex(table))) return false;
      return indexes.every(({ IndexStatus }) => (IndexStatus ?? 'ACTIVE') === 'ACTIVE');
    });
  }

  async #gone(shape: TableShape): Promise<void> {
    await this.#until(shape, 'to be gone', (table) => table === null);
  }

  async #until(
    { name }: TableShape,
    what: string,
    isSo: (table: Awaited<ReturnType<typeof describeTable>>) => boolean,
  ): Promise<void> {
    const deadline = Date.now() + mostWaitMs;
    while (!isSo(await describeTable(this.#session, name))) {
      if (Date.now() > deadline) {
        throw new OncectlError('timeout', `waited ${mostWaitMs / 60_000} minutes ${what}`, {
          about: `table ${name}`,
          happened: 'unknown',
          hint: 'run the command again: it goes on where it stopped',
        });
      }
      await wait(pollMs);
    }
  }
}

const indexKeys = ['pending', 'place'];

/** Holds only items that have both attributes, and of those the keys alone. */
const index: GlobalSecondaryIndex = {
  IndexName: indexName,
  KeySchema: keySchema(indexKeys),
  Projection: { ProjectionType: 'KEYS_ONLY' },
};

function keySchema(names: readonly string[]): KeySchemaElement[] {
  return names.map((name, at) => ({ AttributeName: name, KeyType: at === 0 ? 'HASH' : 'RANGE' }));
}

function attributes(names: readonly string[]) {
  return names.map((name) => ({ AttributeName: name, AttributeType: 'S' as const }));
}

function tagsOf({ entries }: TableShape) {
  const own = [{ Key: versionTag, Value: String(tableVersion) }];
  return entries === null ? own : [...own, { Key: entriesTag, Value: entries }];
}

function asResource({ kind, name, state, detail }: TableState): Resource {
  return { kind, name, state, detail };
}

/** Wrong for this profile, but made by us: it may go. */
function isOurs({ detail }: TableState): boolean {
  return detail?.startsWith('its entries lie') === true;
}

function foreign({ name, detail }: Resource): OncectlError {
  return new OncectlError('format', `the table is not as it must be: ${detail ?? ''}`, {
    about: `table ${name}`,
    happened: 'no',
    hint: 'choose another prefix for the tables; this one was not touched',
  });
}
