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
  const names = tableNames(options.table);
  const key = ['key'];
  const hasBusiness = options.ports.includes('business');
  const wanted: readonly [boolean, TableShape][] = [
    [hasBusiness, { name: names.entities, keys: key, index: true, expires: false }],
    [
      hasBusiness && options.separateEntries,
      { name: names.entries, keys: key, index: true, expires: true },
    ],
    [
      hasBusiness && options.audit,
      { name: names.records, keys: ['key', 'at'], index: false, expires: true },
    ],
    [
      options.ports.includes('dedupe'),
      { name: names.dedupe, keys: key, index: false, expires: true },
    ],
  ];
  return wanted.filter(([isWanted]) => isWanted).map(([, shape]) => shape);
}
