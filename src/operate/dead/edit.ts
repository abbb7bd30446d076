/**
 * Replaces a dead letter by a message with another body or type, under an id that the plan fixes. The
 * record of the letter (`claim.ts`) says how far it came:
 *
 *  `open`   the new id and the last payload that was put are recorded; nothing was sent;
 *  `bound`  nobody else may act on the letter; the message may have been sent, and is sent again with
 *           the same id and the same payload;
 *  `done`   it was sent, and the original was discarded after it.
 */
import { asOncectlError, OncectlError } from '../../engine/errors.js';
import { hashOf } from '../../engine/evidence.js';
import type { Message } from '../../engine/message.js';
import type { DeadLetter } from '../../engine/ports.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import type { ExecuteContext, Executor, ItemOutcome } from '../plan/executor.js';
import { readBeside } from '../plan/file.js';
import type { PlanItem } from '../plan/plan.js';
import { appliedOrNot, copiesOfAll, isOnItsWay } from './applied.js';
import { type Claim, claimLetter, claimOf, claimText, readClaim, rewriteClaim } from './claim.js';
import { putBody, sendIn } from './entering.js';
import { headOf } from './letters.js';
import { removeLetter } from './removal.js';
import { receiptOf, wholeLetter } from './whole.js';

export const editExecutor: Executor = {
  async execute(operation, item, context) {
    const letter = { endpoint: item.endpoint, receipt: receiptOf(item) };
    const what = { action: 'dead.edit', messageId: item.id, phase: 'open' } as const;
    const wanted = claimOf(operation, context.plan, { ...what, editedTo: newIdOf(item) });
    const { hold, claim, version } = await claimLetter(operation.cells, letter, wanted);
    const isMine = hold === 'fresh' || hold === 'earlier';
    if (!isMine) return { outcome: 'yielded', to: stillAtIt(claim) };
    await context.boundary?.('record');
    const edit = new Edit(operation, item, context, { claim, version });
    return edit.run();
  },
};

/** A retry that was begun may still take place: whoever began it has to finish it. */
function stillAtIt(claim: Claim): string {
  const unfinished = claim.phase === 'begun' ? `, or began to (plan ${claim.planId})` : '';
  return `${claimText(claim)}${unfinished}`;
}

class Edit {
  readonly #operation: Operation;
  readonly #endpoint: OperatedEndpoint;
  readonly #item: PlanItem;
  readonly #context: ExecuteContext;
  #claim: Claim;
  #version: number;

  constructor(
    operation: Operation,
    item: PlanItem,
    context: ExecuteContext,
    { claim, version }: { readonly claim: Claim; readonly version: number },
  ) {
    this.#operation = operation;
    this.#endpoint = operation.endpoint(item.endpoint);
    this.#item = item;
    this.#context = context;
    this.#claim = claim;
    this.#version = version;
  }

  async run(): Promise<ItemOutcome> {
    if (this.#claim.phase === 'done') return { outcome: 'done', sends: 0 };
    const wasBound = this.#claim.phase === 'bound';
    const original = await wholeLetter(this.#endpoint, this.#item, this.#context.plan);
    const left = wasBound ? null : await this.#reasonToLeave(original);
    if (left) return left;
    const message = await this.#replacement();
    const stopped = wasBound ? null : await this.#bind(message);
    if (stopped) return stopped;
    await this.#send(message, wasBound);
    const isRemoved =
      original === null ||
      (await removeLetter(this.#operation, this.#endpoint, original, message.id, this.#context));
    if (!isRemoved && !wasBound) return this.#escaped(message.id);
    await this.#write({ phase: 'done' });
    await this.#context.boundary?.('done');
    return { outcome: 'done', sends: 1 };
  }

  /** Null: nothing speaks against it. */
  async #reasonToLeave(original: DeadLetter | null): Promise<ItemOutcome | null> {
    if (!original) {
      return { outcome: 'yielded', to: 'it had left the dead letters; no record tells by whom' };
    }
    const { id } = this.#item;
    const copies = (await copiesOfAll(this.#endpoint, new Set([id]))).get(id) ?? [];
    const rule = await ruleAgainstEdit(this.#operation, this.#endpoint, original, copies);
    return rule === null ? null : { outcome: 'skipped', rule };
  }

  async #replacement(): Promise<Message> {
    const { id, observed, key, endpoint } = this.#item;
    const [name, digest] = [String(observed['bodyFile']), String(observed['bodySha256'])];
    return {
      id: newIdOf(this.#item),
      endpoint,
      type: String(observed['type']),
      key: key ?? '',
      body: await readBeside(this.#context.folder, name, digest),
      // It enters anew: no commit of ours made it.
      headers: { editedFrom: id },
    };
  }

  /** Puts the payload where there is one, then binds the record; an outcome: somebody took it over. */
  async #bind(message: Message): Promise<ItemOutcome | null> {
    let payload: string | null = null;
    if (this.#item.observed['byPayload'] === true) {
      payload = await putBody(this.#endpoint, message, (id) => this.#write({ payload: id }));
      await this.#context.boundary?.('put-payload');
      if (payload === null) return this.#takenOver(null);
    }
    const isBound = await this.#write({ phase: 'bound', payload });
    await this.#context.boundary?.('bind');
    return isBound ? null : this.#takenOver(payload);
  }

  /** No message names the payload that was put, and none will. */
  async #takenOver(payload: string | null): Promise<ItemOutcome> {
    if (payload !== null) await this.#endpoint.ports.payload.delete(payload);
    const { value } = await readClaim(this.#operation.cells, this.#letter());
    return { outcome: 'yielded', to: value ? claimText(value) : 'somebody else' };
  }

  async #send(message: Message, wasBound: boolean): Promise<void> {
    const { id: messageId, endpoint, key, body } = message;
    const { payload } = this.#claim;
    const { evidence } = this.#operation;
    const record = { messageId, endpoint, key, hash: hashOf(body) };
    evidence?.entered({ ...record, outcome: 'unknown' });
    try {
      await sendIn(this.#endpoint, message, payload);
    } catch (error) {
      if (!wasBound && asOncectlError(error).happened === 'no') await this.#unbind(payload);
      throw error;
    }
    evidence?.entered({ ...record, outcome: 'accepted' });
    await this.#context.boundary?.('send');
  }

  /** The only send there was certainly did not take place: others may act on the letter again. */
  async #unbind(payload: string | null): Promise<void> {
    const isOpen = await this.#write({ phase: 'open', payload: null });
    if (isOpen && payload !== null) await this.#endpoint.ports.payload.delete(payload);
  }

  #escaped(newId: string): ItemOutcome {
    return {
      outcome: 'failed',
      error: `the original left the dead letters by a way that oncectl does not see, after ${newId} was sent`,
      next: 'both may be handled; oncectl inspect tells where each is',
    };
  }

  /** False: somebody took the record over. */
  async #write(change: Partial<Claim>): Promise<boolean> {
    const next = { ...this.#claim, ...change };
    const version = await rewriteClaim(this.#operation.cells, this.#letter(), this.#version, next);
    if (version === null) return false;
    this.#version = version;
    this.#claim = next;
    return true;
  }

  #letter() {
    return { endpoint: this.#item.endpoint, receipt: receiptOf(this.#item) };
  }
}

/** Why the letter must not be edited, in one clause; null: it may. */
export async function ruleAgainstEdit(
  operation: Operation,
  endpoint: OperatedEndpoint,
  letter: DeadLetter,
  copies: Parameters<typeof appliedOrNot>[3],
): Promise<string | null> {
  const state = await appliedOrNot(operation, endpoint, headOf(letter), copies);
  if (state.applied !== null) return state.applied;
  if (state.tokenGone) return 'its payload is gone: it was consumed, or lost';
  if (copies?.some(isOnItsWay)) return 'another copy of it is on its way, and would be handled too';
  return null;
}

function newIdOf({ observed }: PlanItem): string {
  const { newId } = observed;
  if (typeof newId === 'string') return newId;
  throw new OncectlError('format', 'the plan names no new message');
}
