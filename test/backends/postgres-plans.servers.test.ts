/**
 * No statement reads more than it is asked for, whatever the statistics said when its plan was made:
 * that the tables are empty, which they are whenever vacuum finds a queue worked off.
 */
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planner } from '../../src/backends/postgres/planner.js';
import {
  leaseStatements,
  readStatements,
  writeStatements,
} from '../../src/backends/postgres/statements/index.js';
import {
  asSuperuser,
  create,
  freshSchema,
  portOf,
  urlOf,
  withClient,
} from './postgres-fixtures.js';
import { asked, fill, type Sample, samples, tables } from './postgres-statements.js';

/** What counts all rows of a table is asked for all rows of a table. */
const countsAll = ['business-leftovers', 'dedupe-leftovers'];

/** Rows that one call may read: a page of the audit, or several of each operation. */
const mostRows = 10 * asked;

let schema: string;

beforeEach(() => {
  schema = freshSchema();
});

it('the samples are of all statements', () => {
  const named = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).sort();
  const prepared = [...writeStatements, ...readStatements, ...leaseStatements];
  expect(named(samples())).toEqual(named(prepared));
});

describe.each(['postgres-14', 'postgres-18'] as const)('the plans of %s', (server) => {
  const port = () => portOf(server);

  afterEach(() => asSuperuser(`drop schema if exists ${schema} cascade`, port()));

  it.each([
    { tables: 'never filled', empty: vacuumed, plans: 'made before' },
    { tables: 'never filled', empty: vacuumed, plans: 'made anew' },
    { tables: 'emptied', empty: emptied, plans: 'made before' },
    { tables: 'emptied', empty: emptied, plans: 'made anew' },
  ])('read what is asked for: tables $tables at the last vacuum, plans $plans', async (given) => {
    const url = urlOf({ port: port() });
    await create({ url, schema });
    await withSession(url, async (before) => {
      await given.empty(before);
      await made(before);
      await before.query(fill);
      if (given.plans === 'made before') expect(await excesses(before)).toEqual([]);
      else expect(await withSession(url, excesses)).toEqual([]);
    });
  });
});

/** A session as the ports' own are, with every statement prepared. */
function withSession<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(url, async (client) => {
    for (const [name, value] of Object.entries({ ...planner, search_path: schema })) {
      await client.query('select set_config($1, $2, false)', [name, value]);
    }
    for (const { name, sql } of samples()) await client.query(`prepare "${name}" as ${sql}`);
    return await work(client);
  });
}

/** Nothing but this looks at the tables. */
async function vacuumed(client: Client): Promise<void> {
  for (const table of tables) {
    await client.query(`alter table ${table} set (autovacuum_enabled = off)`);
    await client.query(`vacuum (analyze, truncate off) ${table}`);
  }
}

/** Pages without a row: a table is no longer taken for new, and its size says nothing. */
async function emptied(client: Client): Promise<void> {
  await client.query(fill);
  for (const table of tables) await client.query(`delete from ${table}`);
  await client.query('alter sequence journal_position_seq restart');
  await vacuumed(client);
}

/** Has the server make, and keep, the plan of each statement. */
async function made(client: Client): Promise<void> {
  for (const sample of samples()) await client.query(`explain ${await execute(client, sample)}`);
}

/** The statements that read too much, and where. */
async function excesses(client: Client): Promise<string[]> {
  const found: string[] = [];
  for (const sample of samples()) {
    if (countsAll.includes(sample.name)) continue;
    const plan = await carriedOut(client, sample);
    const read = nodesOf(plan).filter((node) => rowsOf(node) > mostRows);
    found.push(...read.map((node) => `${sample.name}: ${shown(node)}`));
  }
  return found;
}

interface Node {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops': number;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
}

/** The plan that the statement was carried out by; what it did is taken back. */
async function carriedOut(client: Client, sample: Sample): Promise<Node> {
  const call = await execute(client, sample);
  await client.query('begin');
  const { rows } = await client.query(`explain (analyze, format json) ${call}`);
  await client.query('rollback');
  return rows[0]['QUERY PLAN'][0].Plan;
}

/** The call as SQL; the server itself says what the parameters are. */
async function execute(client: Client, { name, sql, values }: Sample): Promise<string> {
  if (values.length === 0) return `execute "${name}"`;
  const texts = values.map((_, at) => `quote_literal($${at + 1}::${typeOf(sql, at + 1)}::text)`);
  const query = {
    text: `select ${texts.join(', ')}`,
    values: [...values],
    rowMode: 'array' as const,
  };
  const { rows } = await client.query<string[]>(query);
  return `execute "${name}" (${rows[0]?.join(', ')})`;
}

function typeOf(sql: string, parameter: number): string {
  const type = new RegExp(`\\$${parameter}::(\\w+\\[\\])`).exec(sql)?.[1];
  if (type === undefined) throw new Error(`no type for $${parameter} in ${sql}`);
  return type;
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** What the node produced and what it threw away. */
function rowsOf(node: Node): number {
  const removed =
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}

function shown(node: Node): string {
  return `${node['Node Type']} ${node['Index Name'] ?? ''} ${rowsOf(node)} rows`;
}
