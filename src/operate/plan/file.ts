/** Plans as files: written whole and for their owner alone, read strictly. */
import { hash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OncectlError } from '../../engine/errors.js';
import { type Plan, planIdOf, planSchema } from './plan.js';

/** Something that a plan needs and does not hold, in a file beside it: the body of an edited message. */
export interface PlanAttachment {
  /** Name of the file, without a folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Writes the plan (mode 0600), replacing a file of that name in one step. Errors: `denied`, `disk-full`. */
export async function writePlan(
  path: string,
  plan: Plan,
  attachment: PlanAttachment | null = null,
): Promise<void> {
  if (attachment) await writeWhole(join(dirname(path), attachment.name), attachment.bytes);
  await writeWhole(path, `${JSON.stringify(plan, null, 1)}\n`);
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.part`;
  try {
    const file = await open(draft, 'w', 0o600);
    await file.writeFile(content);
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

/**
 * What lies beside the plan, as it was when the plan was made. Errors: `not-found`; `format` when its
 * digest is another than the plan's.
 */
export async function readBeside(
  folder: string | null,
  name: string,
  sha256: string,
): Promise<Uint8Array> {
  const path = join(folder ?? '.', name);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new OncectlError('not-found', 'what belongs to the plan does not lie beside it', {
      about: path,
      hint: 'keep this file in the folder of the plan',
      cause,
    });
  });
  if (hash('sha256', bytes, 'hex') === sha256) return new Uint8Array(bytes);
  throw new OncectlError('format', 'what belongs to the plan was changed after it was made', {
    about: path,
    hint: 'the plan holds its digest; make a new plan',
  });
}
