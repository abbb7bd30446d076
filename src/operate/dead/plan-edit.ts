/** The plan of an edit: one letter, the id of the message that replaces it, the digest of its body. */
import { hash } from 'node:crypto';
import { OncectlError } from '../../engine/errors.js';
import { checkText } from '../../engine/handler.js';
import { IdSource } from '../../engine/ids.js';
import type { DeadLetter } from '../../engine/ports.js';
import type { Operation } from '../operation.js';
import type { PlanAttachment } from '../plan/file.js';
import { type Plan, type PlanItem, SkippedItems } from '../plan/plan.js';
import { copiesOfAll } from './applied.js';
import { ruleAgainstEdit } from './edit.js';
import { goesByPayload } from './entering.js';
import { headOf } from './letters.js';
import { itemOf, lastDeaths, planOf } from './plan-dead.js';
import { payloadOf } from './removal.js';

export const editAction = 'dead.edit';

export interface Editing {
  readonly type: string;
  readonly body: Uint8Array;
}

export interface PlannedEdit {
  readonly plan: Plan;
  /** The new body: it lies beside the plan. */
  readonly attachment: PlanAttachment;
}

/** Type and body of a letter, from wherever its body lies; null for a body that is gone. */
export async function editable(
  operation: Operation,
  letter: DeadLetter,
): Promise<Editing & { readonly isGone: boolean }> {
  const endpoint = operation.endpoint(letter.message.endpoint);
  const { type, body, headers } = letter.message;
  if (!headers.payload) return { type, body, isGone: false };
  const payload = await payloadOf(endpoint, letter);
  return { type, body: payload ?? new Uint8Array(0), isGone: payload === null };
}

/** Writes nothing. Errors: `refused` for a message that was applied or is on its way; `usage`. */
export async function planEdit(
  operation: Operation,
  letter: DeadLetter,
  { type, body }: Editing,
): Promise<PlannedEdit> {
  const { message } = letter;
  const endpoint = operation.endpoint(message.endpoint);
  const copies = (await copiesOfAll(endpoint, new Set([message.id]))).get(message.id) ?? [];
  const rule = await ruleAgainstEdit(operation, endpoint, letter, copies);
  if (rule !== null) throw notEditable(message.id, rule);
  const before = await editable(operation, letter);
  checkEdit(before, { type, body });
  const newId = new IdSource().next();
  const byPayload = goesByPayload(endpoint, message);
  const attachment = { name: `${newId}.body`, bytes: body };
  const head = headOf(letter);
  const common = itemOf(head, lastDeaths([head]));
  const item: PlanItem = {
    ...common,
    observed: {
      ...common.observed,
      ...{ newId, type, byPayload, bodyFile: attachment.name, bodyBytes: body.length },
      bodySha256: hash('sha256', body, 'hex'),
    },
    actions: [...(byPayload ? ['put-payload'] : []), 'send', 'export', 'discard'],
    effect: { sends: 1, writes: byPayload ? 1 : 0, deletes: message.headers.payload ? 2 : 1 },
    undo: 'no',
    rule: 'no entry, slot or record shows that it was applied; the new message has an id of its own',
  };
  const filter = { ids: [message.id] };
  return { plan: planOf(operation, editAction, [item], new SkippedItems(), filter), attachment };
}

function notEditable(id: string, rule: string): OncectlError {
  return new OncectlError('refused', `${rule}: an edited message would be applied beside it`, {
    about: id,
    hint: `oncectl dead retry ${id} lets it be recognised; oncectl inspect ${id} tells more`,
  });
}

/** Refuses (`usage`) an edit that changes nothing, or that no handler could read. */
function checkEdit(before: Editing, after: Editing): void {
  checkText('type', after.type, 'the edited message');
  const isSame = Buffer.from(before.body).equals(after.body) && before.type === after.type;
  if (isSame) {
    throw new OncectlError('usage', 'nothing is changed', {
      about: 'dead edit',
      hint: '--body FILE, --set-body JSON or --type T say what to change; dead retry sends it as it is',
    });
  }
  if (isJson(before.body) && !isJson(after.body)) {
    throw new OncectlError('usage', 'the new body is no JSON, and the old one was', {
      about: '--body',
      hint: 'handlers read JSON: the message would die again',
    });
  }
}

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return true;
  } catch {
    return false;
  }
}
