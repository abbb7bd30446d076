/** How the items of one kind of plan are carried out. One executor for each `action`. */
import type { Operation } from '../operation.js';
import type { Plan, PlanItem } from './plan.js';

/** What became of one item. The counts of a report add up to the plan's items. */
export type ItemOutcome =
  | { readonly outcome: 'done'; readonly sends: number }
  /** It had come to its end before this apply began, by this plan. */
  | { readonly outcome: 'already' }
  /** It moved since it was planned; `to` says who was faster, as the record tells. */
  | { readonly outcome: 'yielded'; readonly to: string }
  /** Left alone, by which rule. */
  | { readonly outcome: 'skipped'; readonly rule: string }
  | { readonly outcome: 'failed'; readonly error: string; readonly next: string };

export interface Executor {
  /**
   * Carries out one item. Must be safe to run again after a crash anywhere inside it, beside live
   * workers and beside itself. Rejects with the store's error when it does not know what took place.
   */
  execute(operation: Operation, item: PlanItem, context: ExecuteContext): Promise<ItemOutcome>;
  /**
   * Whether the item has reached its end in the stores: what a wave waits for. An outcome instead of
   * true: it came to another end than `execute` told. Left out: `done` is the end.
   */
  settled?(operation: Operation, item: PlanItem): Promise<boolean | ItemOutcome>;
  /** Longest time that a wave waits for the ends of its items, ms; 10 s when left out. */
  readonly settleWithinMs?: number;
  /** What was done can be undone without a backup: by which items came to their end. */
  readonly undoesWithoutBackup?: boolean;
}

export interface ExecuteContext {
  readonly plan: Plan;
  /** Where records are exported before they are destroyed. */
  readonly backup: Backup;
  /** Folder of the plan's file, where what belongs to it lies beside it; null: the plan has no file. */
  readonly folder: string | null;
  /** Called between two steps of an item, with the name of the one that was done; awaited. */
  readonly boundary?: (step: string) => Promise<void> | void;
}

/** Records are exported, written through, read back and compared before they are destroyed. */
export interface Backup {
  /** Resolves once the record is safe; null as a result: backups were turned off. */
  keep(kind: string, endpoint: string, id: string, record: unknown): Promise<string | null>;
}
