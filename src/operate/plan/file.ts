/** Plans as files: written whole and for their owner alone, read strictly. */
import { open, readFile, rename } from 'node:fs/promises';
import { OncectlError } from '../../engine/errors.js';
import { type Plan, planIdOf, planSchema } from './plan.js';

/** Writes the plan (mode 0600), replacing a file of that name in one step. Errors: `denied`, `disk-full`. */
export async function writePlan(path: string, plan: Plan): Promise<void> {
  const draft = `${path}.part`;
  try {
    const file = await open(draft, 'w', 0o600);
    await file.writeFile(`${JSON.stringify(plan, null, 1)}\n`);
    await file.sync();
    await file.close();
    await rename(draft, path);
  } catch (cause) {
    const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new OncectlError(isFull ? 'disk-full' : 'denied', 'the plan cannot be written', {
      about: path,
      hint: 'name another file with --plan',
      cause,
    });
  }
}

/** Errors: `not-found`; `format` for a file that is no plan, was cut short or was edited. */
export async function readPlan(path: string): Promise<Plan> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OncectlError('not-found', 'there is no such plan', { about: path, cause });
  });
  const plan = parse(text);
  if (plan?.schema !== planSchema || !Array.isArray(plan.items)) {
    throw new OncectlError('format', 'this is not a plan, or it was cut short', {
      about: path,
      hint: 'make one: oncectl outbox repair --plan FILE',
    });
  }
  if (planIdOf(plan) === plan.planId) return plan;
  throw new OncectlError('format', 'this plan was changed after it was made', {
    about: path,
    hint: 'its id is a digest of its content; make a new plan',
  });
}

function parse(text: string): Plan | null {
  try {
    return JSON.parse(text) as Plan;
  } catch {
    return null;
  }
}
