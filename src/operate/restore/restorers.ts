/** How records of a backup are put back: a line for each kind. */
import { deadLetterKind } from '../dead/removal.js';
import type { Operation } from '../operation.js';
import type { BackupLine } from '../plan/backup.js';
import type { ItemOutcome } from '../plan/executor.js';
import type { PlanItem } from '../plan/plan.js';
import { restoreDead } from './dead.js';
import { dedupeKind, restoreRecord } from './dedupe.js';
import { payloadKind, restorePayload } from './payload.js';

export interface Restorer {
  /** What it does, for the review. */
  readonly actions: readonly string[];
  readonly effect: PlanItem['effect'];
  readonly undo: PlanItem['undo'];
  readonly rule: string;
  /** Puts one record back. Safe to repeat, and beside another restore of the same line. */
  restore(operation: Operation, line: BackupLine): Promise<ItemOutcome>;
}

const restorers: Readonly<Record<string, Restorer>> = {
  [deadLetterKind]: {
    actions: ['send'],
    effect: { sends: 1, writes: 0, deletes: 0 },
    undo: 'no',
    rule: 'no entry, slot or record shows that it was applied',
    restore: restoreDead,
  },
  [payloadKind]: {
    actions: ['put-payload'],
    effect: { sends: 0, writes: 1, deletes: 0 },
    undo: 'yes',
    rule: 'no record shows that its message was handled',
    restore: restorePayload,
  },
  [dedupeKind]: {
    actions: ['add-record'],
    effect: { sends: 0, writes: 1, deletes: 0 },
    undo: 'yes',
    rule: 'a record of a message that was handled only keeps it from being handled again',
    restore: restoreRecord,
  },
};

/** null: this version cannot put such a record back. */
export function restorerOf(kind: string): Restorer | null {
  return restorers[kind] ?? null;
}
