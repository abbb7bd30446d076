/**
 * How a table stands. Ours are told by their tags: the version of their layout, and where entries lie,
 * since a store that looks in the one place does not see what lies in the other.
 */
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTagsOfResourceCommand,
  type TableDescription,
  type Tag,
} from '@aws-sdk/client-dynamodb';
import type { Resource } from '../../../engine/backend.js';
import { nameOf } from '../shared/errors.js';
import type { Session } from './session.js';
import { indexName, type TableShape } from './tables.js';

export const tableVersion = 1;
export const versionTag = 'oncectl:version';
export const entriesTag = 'oncectl:entries';

export interface TableState extends Resource {
  readonly description: TableDescription | null;
  /** Null where it is not needed, or cannot be told. */
  readonly deletesExpired: boolean | null;
}

export async function tableState(session: Session, shape: TableShape): Promise<TableState> {
  const description = await describeTable(session, shape.name);
  if (description === null || description.TableStatus === 'DELETING') {
    const detail = description ? 'it is being deleted' : null;
    return { ...resource(shape, 'missing', detail), description, deletesExpired: null };
  }
  const wrong = wrongKeys(shape, description) ?? (await wrongTags(session, shape, description));
  const deletesExpired = shape.expires ? await hasTimeToLive(session, shape.name) : null;
  const seen = { description, deletesExpired };
  if (wrong !== null) return { ...resource(shape, 'wrong', wrong), ...seen };
  if (shape.index && !hasIndex(description)) {
    return { ...resource(shape, 'outdated', 'the index of what is pending is missing'), ...seen };
  }
  const detail = deletesExpired === false ? 'what has expired is not deleted' : null;
  return { ...resource(shape, 'ready', detail), ...seen };
}

/** Null when there is no such table. */
export async function describeTable(
  session: Session,
  name: string,
): Promise<TableDescription | null> {
  try {
    const answer = await session.send('read', name, (client) =>
      client.send(new DescribeTableCommand({ TableName: name })),
    );
    return answer.Table ?? null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** An error of the session whose reason is that the table is not there. */
export function isMissing(error: unknown): boolean {
  return nameOf((error as { cause?: unknown }).cause) === 'ResourceNotFound';
}

export function hasIndex({ GlobalSecondaryIndexes = [] }: TableDescription): boolean {
  return GlobalSecondaryIndexes.some(({ IndexName }) => IndexName === indexName);
}

export function resource(
  { name }: TableShape,
  state: Resource['state'],
  detail: string | null = null,
): Resource {
  return { kind: 'table', name, state, detail };
}

function wrongKeys(shape: TableShape, { KeySchema = [] }: TableDescription): string | null {
  const keys = KeySchema.map(({ AttributeName }) => AttributeName ?? '');
  if (keys.join() === shape.keys.join()) return null;
  return `its key is ${keys.join(' and ')}, it must be ${shape.keys.join(' and ')}`;
}

async function wrongTags(
  session: Session,
  shape: TableShape,
  description: TableDescription,
): Promise<string | null> {
  const tags = await tagsOf(session, description);
  if (tags === null) return null;
  const tag = (name: string) => tags.find(({ Key }) => Key === name)?.Value ?? null;
  const version = tag(versionTag);
  if (version === null) return 'oncectl did not make it (it has no tag of ours)';
  if (Number(version) > tableVersion) return `a newer oncectl made it (version ${version})`;
  const entries = tag(entriesTag);
  if (shape.entries === null || entries === shape.entries) return null;
  return `its entries lie ${entries ?? 'elsewhere'}, this profile needs them ${shape.entries}`;
}

/** Null where the server has no tags: then a table with our keys is taken for ours. */
async function tagsOf(
  session: Session,
  { TableName = '', TableArn }: TableDescription,
): Promise<readonly Tag[] | null> {
  try {
    const { Tags = [] } = await session.send('read', TableName, (client) =>
      client.send(new ListTagsOfResourceCommand({ ResourceArn: TableArn })),
    );
    return Tags;
  } catch (error) {
    if (isUnknownOperation(error)) return null;
    throw error;
  }
}

/** Null where the server does not know of it. */
async function hasTimeToLive(session: Session, name: string): Promise<boolean | null> {
  try {
    const answer = await session.send('read', name, (client) =>
      client.send(new DescribeTimeToLiveCommand({ TableName: name })),
    );
    const status = answer.TimeToLiveDescription?.TimeToLiveStatus;
    return status === 'ENABLED' || status === 'ENABLING';
  } catch (error) {
    if (isUnknownOperation(error)) return null;
    throw error;
  }
}

export function isUnknownOperation(error: unknown): boolean {
  return nameOf((error as { cause?: unknown }).cause).startsWith('UnknownOperation');
}
