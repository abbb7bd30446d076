/** Which tables there are, and how they must be. All names begin with the prefix of the deployment. */

export const indexName = 'pending';

export interface TableShape {
  readonly name: string;
  /** Key attributes, all strings: the partition key, and the sort key where there is one. */
  readonly keys: readonly string[];
  /** It has the sparse index of what is pending. */
  readonly index: boolean;
  /** It has items that expire, by their attribute `expires` in seconds. */
  readonly expires: boolean;
  /** Where entries lie; null for a table that is the same either way. */
  readonly entries: 'inside' | 'apart' | null;
}

export interface TableNames {
  readonly entities: string;
  readonly entries: string;
  readonly dedupe: string;
  readonly records: string;
}

export interface TableOptions {
  readonly ports: readonly ('business' | 'dedupe')[];
  /** Prefix of the tables' names. */
  readonly table: string;
  /**
   * Entries are items of their own, written in one transaction with the entity: what the outbox needs,
   * whose entries stay. Otherwise an entry lies in its entity's item, at half the price.
   */
  readonly separateEntries: boolean;
  /** Commit records are kept for an audit. */
  readonly audit: boolean;
}

export function tableNames(prefix: string): TableNames {
  return {
    entities: `${prefix}-entities`,
    entries: `${prefix}-entries`,
    dedupe: `${prefix}-dedupe`,
    records: `${prefix}-records`,
  };
}

/** The tables that a deployment needs, in the order in which they are made. */
export function tablesOf(options: TableOptions): readonly TableShape[] {
  return shapes(options)
    .filter(([isWanted]) => isWanted)
    .map(([, shape]) => shape);
}

/** Tables of these ports that another profile of the same name would need. */
export function otherTablesOf(options: TableOptions): readonly TableShape[] {
  const isOfPort = ({ name }: TableShape) =>
    options.ports.includes(name === tableNames(options.table).dedupe ? 'dedupe' : 'business');
  return shapes(options)
    .filter(([isWanted, shape]) => !isWanted && isOfPort(shape))
    .map(([, shape]) => shape);
}

function shapes({
  ports,
  table,
  separateEntries,
  audit,
}: TableOptions): readonly (readonly [boolean, TableShape])[] {
  const names = tableNames(table);
  const plain = { keys: ['key'], index: false, expires: true, entries: null };
  const hasBusiness = ports.includes('business');
  const entries = separateEntries ? 'apart' : 'inside';
  return [
    [hasBusiness, { ...plain, name: names.entities, index: true, expires: false, entries }],
    [hasBusiness && separateEntries, { ...plain, name: names.entries, index: true }],
    [hasBusiness && audit, { ...plain, name: names.records, keys: ['key', 'at'] }],
    [ports.includes('dedupe'), { ...plain, name: names.dedupe }],
  ];
}
