/** How a plan is reviewed, confirmed and applied: the same for every command that makes one. */
import { randomBytes } from 'node:crypto';
import * as Flags from '@oclif/core/flags';
import type { Operation } from '../src/operate/operation.js';
import type { ApplyProgress } from '../src/operate/plan/apply.js';
import type { PlanAttachment } from '../src/operate/plan/file.js';
import type { Plan } from '../src/operate/plan/plan.js';
import type { PlanningName } from '../src/report/documents/table.js';
import type { CommandResult } from '../src/report/output.js';
import { OperateCommand, writeFlags } from './operate-command.js';

/** Flags of every command that applies a plan. */
export const applyFlags = {
  ...writeFlags,
  canary: Flags.string({
    description: 'Sizes of the first waves, each begun when the last reached its end: 1,10,100.',
    helpValue: 'N,N,...',
  }),
  rate: Flags.string({ description: 'Items a second: 50/s.', helpValue: 'RATE' }),
  'stop-on': Flags.string({
    description: 'Stop when a larger share of the items failed: 1%.',
    helpValue: 'SHARE',
  }),
  backup: Flags.string({
    description: 'Folder for the records that are destroyed.',
    default: '.oncectl/backups',
    helpValue: 'DIR',
    exclusive: ['no-backup'],
  }),
  'no-backup': Flags.boolean({ description: 'Do not keep what is destroyed.' }),
};

/** Flags of every command that makes a plan. */
export const planFlags = {
  ...applyFlags,
  'dry-run': Flags.boolean({ description: 'Show the plan, and do nothing.' }),
  plan: Flags.string({
    description: 'Write the plan to this file, and do nothing else.',
    helpValue: 'FILE',
    exclusive: ['dry-run'],
  }),
};

export interface ApplyFlags {
  readonly reason?: string | undefined;
  readonly yes: boolean;
  readonly canary?: string | undefined;
  readonly rate?: string | undefined;
  readonly 'stop-on'?: string | undefined;
  readonly backup: string;
  readonly 'no-backup': boolean;
}

export interface PlanFlags extends ApplyFlags {
  readonly 'dry-run': boolean;
  readonly plan?: string | undefined;
}

const plansFolder = '.oncectl/plans';
const progressEveryMs = 1000;
/** More are not confirmed with a y. */
const manyItems = 1000;

export abstract class ApplyCommand extends OperateCommand {
  /** Shows, saves or applies what was planned, as the flags say. `name` is the command with dots. */
  protected async carryOut(
    name: PlanningName,
    operation: Operation,
    plan: Plan,
    flags: PlanFlags,
    attachment: PlanAttachment | null = null,
  ): Promise<CommandResult> {
    const { planResult, planText } = await import('../src/report/plan.js');
    const { writePlan } = await import('../src/operate/plan/file.js');
    if (flags.plan !== undefined) {
      await writePlan(flags.plan, plan, attachment);
      return planResult(`${name}.plan`, plan, Date.now(), flags.plan);
    }
    if (flags['dry-run']) return planResult(`${name}.plan`, plan, Date.now());
    operation.permit({ action: plan.action, reason: flags.reason ?? null });
    if (plan.items.length === 0) return planResult(`${name}.plan`, plan, Date.now());
    process.stderr.write(planText(plan, Date.now()));
    await this.confirmPlan(operation, plan, flags);
    const file = await this.savePlan(plan, attachment);
    process.stderr.write(`the plan is kept in ${file}\n`);
    return this.apply(name, operation, plan, file, { ...flags, resume: false });
  }

  /** Applies the plan in `file` with progress; Ctrl-C finishes the items in hand. */
  protected async apply(
    name: 'apply' | PlanningName,
    operation: Operation,
    plan: Plan,
    file: string,
    flags: ApplyFlags & { readonly resume: boolean },
  ): Promise<CommandResult> {
    const { applyPlan } = await import('../src/operate/plan/apply.js');
    const { executorOf } = await import('../src/operate/executors.js');
    const { applyResult } = await import('../src/report/plan.js');
    const { wavesOf } = await import('../src/operate/plan/waves.js');
    const { dirname } = await import('node:path');
    const waves = wavesOf({ canary: flags.canary, rate: flags.rate, stopOn: flags['stop-on'] });
    const interrupted = new AbortController();
    const onSignal = () => interrupted.abort();
    process.on('SIGINT', onSignal);
    const progress = progressLines();
    try {
      const report = await applyPlan(operation, {
        ...{ plan, ...waves, resume: flags.resume, executor: executorOf(plan.action) },
        backupFolder: flags['no-backup'] ? null : flags.backup,
        folder: dirname(file),
        reason: flags.reason ?? null,
        signal: interrupted.signal,
        onProgress: progress,
      });
      return applyResult(name, report);
    } finally {
      process.off('SIGINT', onSignal);
    }
  }

  /** A protected deployment, or very many items, ask for the count. */
  protected async confirmPlan(operation: Operation, plan: Plan, flags: ApplyFlags): Promise<void> {
    if (flags.yes) return;
    const { name, profile } = operation;
    const { items } = plan.summary;
    const { protect } = profile.deployment;
    const what = `Apply ${items} ${items === 1 ? 'item' : 'items'} to "${name}"`;
    if (!protect && items <= manyItems) return this.confirm(`${what}?`, '--yes');
    await this.confirmCount(`${what}${protect ? ' (protected)' : ''}?`, items, '--yes');
  }

  private async savePlan(plan: Plan, attachment: PlanAttachment | null): Promise<string> {
    const { mkdir } = await import('node:fs/promises');
    const { join } = await import('node:path');
    const { writePlan } = await import('../src/operate/plan/file.js');
    await mkdir(plansFolder, { recursive: true });
    const file = join(plansFolder, `${plan.planId}-${randomBytes(2).toString('hex')}.json`);
    await writePlan(file, plan, attachment);
    return file;
  }
}

/** A line at most once a second, to those who watch. */
function progressLines(): (progress: ApplyProgress) => void {
  let last = Date.now();
  return ({ of, counts }) => {
    if (Date.now() - last < progressEveryMs) return;
    last = Date.now();
    const tried = Object.values(counts).reduce((sum, count) => sum + count, 0);
    process.stderr.write(`${tried} of ${of}: ${counts.done} done, ${counts.failed} failed\n`);
  };
}
