/** Fields that documents have beside `data`. */
import type { Coverage } from '../../operate/outbox/stuck.js';

/** How much of a list this is. */
export interface Page {
  /** What `--cursor` takes to go on; null on the last page, or where there are no pages. */
  readonly next: string | null;
  readonly truncated: boolean;
  /** All that match; null where they are not counted. */
  readonly total: number | null;
  /** False: there are at least so many. */
  readonly exact: boolean;
}

export interface OfDeployment {
  /** Its namespace. */
  readonly deployment: string;
}

/** Of what looked around: what was looked at, and what was not. */
export interface Covered extends OfDeployment {
  readonly coverage: readonly Coverage[];
}

export interface Listed<Query> extends Covered {
  /** What was asked for, in base units. */
  readonly query: Query;
  readonly page: Page;
}
