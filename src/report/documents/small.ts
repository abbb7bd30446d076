/** Documents of a few fields, which have no type of their own elsewhere. */
import type { BenchResult } from '../../bench/result.js';
import type { ServerState } from '../../dev/local-servers.js';
import type { ServerRecord } from '../../dev/records.js';
import type { Environment, ServerName } from '../../dev/server.js';
import type { ForeignPage } from '../../operate/foreign/list.js';
import type { PlanComparison } from '../../operate/plan/compare.js';
import type { ProfileSummary } from '../../profile/list.js';
import type { Covered, Page } from './common.js';

/** `outbox list --outbox`. */
export interface ForeignListed
  extends Covered,
    Pick<ForeignPage, 'outbox' | 'kind' | 'table' | 'repairable' | 'finishing'> {
  readonly page: Page;
}

/** `outbox show --outbox`. */
export interface ForeignShown extends Pick<ForeignPage, 'outbox' | 'kind' | 'finishing'> {
  readonly deployment: string;
}

/** `inspect --tree`. */
export interface TreeShown extends Covered {
  readonly page: { readonly truncated: boolean };
}

/** `plan show`; with `-p` also what became of its items. */
export interface PlanShown {
  readonly comparison?: PlanComparison;
}

export interface DrainData extends Pick<BenchResult, 'drained' | 'correctness' | 'leftBehind'> {
  readonly runId: string;
  /** Messages that were handled meanwhile. */
  readonly handled: number;
}

export interface WorkerData {
  readonly worker: string;
  readonly handled: number;
  /** What ended it. */
  readonly signal: string;
}

export interface DevUpData {
  readonly servers: readonly ServerRecord[];
  /** What makes clients find all of them. */
  readonly environment: Environment;
}

export interface DevDownData {
  readonly stopped: readonly ServerName[];
  readonly cleaned: boolean;
}

export interface DevStatusData {
  readonly servers: readonly ServerState[];
}

export interface ProfileWritten {
  readonly path: string;
}

export interface ValidProfile extends ProfileSummary {
  /** Of the file's bytes. */
  readonly sha256: string;
}
