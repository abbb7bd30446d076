/**
 * Puts a discarded dead letter's message back from a backup: into its queue, under its own id, so that
 * workers handle it. A record in the deployment says how far it came, so that a restore that was cut
 * short, or is done twice, brings the message in once.
 */
import { Conflict } from '../../engine/errors.js';
import type { Message } from '../../engine/message.js';
import type { DedupeRecord } from '../../engine/ports.js';
import { actorText } from '../actor.js';
import { appliedOrNot } from '../dead/applied.js';
import { readClaim } from '../dead/claim.js';
import { goesByPayload, putBody, sendIn } from '../dead/entering.js';
import { headOf } from '../dead/letters.js';
import { deadLetterKind, type KeptLetter } from '../dead/removal.js';
import type { OperatedEndpoint, Operation } from '../operation.js';
import { type BackupLine, digestOf, withBytes } from '../plan/backup.js';
import type { ItemOutcome } from '../plan/executor.js';

/** How far one line was restored. */
interface Restoring {
  /** `bound`: it may have been sent, and is sent again with the same payload. */
  readonly phase: 'open' | 'bound' | 'done';
  readonly payload: string | null;
  /** Of an island: the record of the message's first entry, which would make this one a repeat. */
  readonly entered: DedupeRecord | null;
  readonly by: string;
  readonly at: number;
}

/**
 * Safe to repeat after a crash, and beside another restore of the same line. Rejects with the stores'
 * errors, `usage` for an endpoint that is not there.
 */
export async function restoreDead(operation: Operation, line: BackupLine): Promise<ItemOutcome> {
  if (line.kind !== deadLetterKind) {
    return { outcome: 'skipped', rule: `a line of kind "${line.kind}" holds no dead letter` };
  }
  const { letter, payload: kept, editedTo } = withBytes(line.record) as KeptLetter;
  if (digestOf(line.record) !== line.sha256) {
    return { outcome: 'failed', error: 'the line was changed', next: 'restore it from a copy' };
  }
  if (editedTo !== null) {
    const rule = `it was replaced by ${editedTo}, which was sent: an edit cannot be undone`;
    return { outcome: 'skipped', rule };
  }
  const endpoint = operation.endpoint(line.endpoint);
  const { payload: named } = letter.message.headers;
  if (named && kept === null) {
    const rule = 'its payload was gone when it was discarded: nobody could handle it';
    return { outcome: 'skipped', rule };
  }
  const { receipt } = letter;
  const { value } = await readClaim(operation.cells, { endpoint: endpoint.name, receipt });
  if (value?.phase !== 'done') {
    // What was exported and then not discarded may have been handled: a new token would apply it twice.
    return { outcome: 'skipped', rule: 'no record says that it was discarded here' };
  }
  const { applied } = await appliedOrNot(operation, endpoint, headOf(letter));
  if (applied !== null) return { outcome: 'skipped', rule: applied };
  const message = { ...letter.message, body: kept ?? letter.message.body };
  return new Restore(operation, endpoint, message, `restored/${line.sha256}`).run();
}

class Restore {
  readonly #operation: Operation;
  readonly #endpoint: OperatedEndpoint;
  readonly #message: Message;
  readonly #cell: string;
  #now: Restoring = { phase: 'open', payload: null, entered: null, by: '', at: 0 };
  #version = 0;

  constructor(operation: Operation, endpoint: OperatedEndpoint, message: Message, cell: string) {
    this.#operation = operation;
    this.#endpoint = endpoint;
    this.#message = message;
    this.#cell = cell;
  }

  async run(): Promise<ItemOutcome> {
    const { value, version } = await this.#operation.cells.read<Restoring>(this.#cell);
    this.#version = version;
    if (value) this.#now = value;
    if (this.#now.phase === 'done') return { outcome: 'already' };
    if (this.#now.phase === 'open' && !(await this.#bind())) return this.#yielded();
    await this.#forgetEntry();
    await sendIn(this.#endpoint, this.#message, this.#now.payload);
    await this.#operation.evidence?.restored(this.#endpoint.name, this.#message.id);
    await this.#write({ phase: 'done' });
    return { outcome: 'done', sends: 1 };
  }

  async #bind(): Promise<boolean> {
    let payload: string | null = null;
    if (goesByPayload(this.#endpoint, this.#message)) {
      const record = (id: string) => this.#write({ payload: id });
      payload = await putBody(this.#endpoint, this.#message, record);
      if (payload === null) return false;
    }
    const isBound = await this.#write({ phase: 'bound', payload, entered: await this.#entry() });
    if (!isBound && payload !== null) await this.#endpoint.ports.payload.delete(payload);
    return isBound;
  }

  /** An island takes an id once: the record of the first entry has to go, and no other. */
  async #forgetEntry(): Promise<void> {
    const { entered } = this.#now;
    if (!entered) return;
    await this.#endpoint.upkeep.dedupe.remove(this.#endpoint.name, this.#message.id, entered);
  }

  async #entry(): Promise<DedupeRecord | null> {
    const { protocol, upkeep, name } = this.#endpoint;
    if (protocol.recognisesBy !== 'transaction') return null;
    const page = { prefix: this.#message.id, after: null, limit: 1 };
    const [found] = await upkeep.dedupe.records(name, page);
    return found?.messageId === this.#message.id ? found.record : null;
  }

  async #yielded(): Promise<ItemOutcome> {
    const { value } = await this.#operation.cells.read<Restoring>(this.#cell);
    return { outcome: 'yielded', to: `${value?.by ?? 'somebody'} restores it` };
  }

  /** False: another restore of this line was faster. */
  async #write(change: Partial<Restoring>): Promise<boolean> {
    const who = { by: actorText(this.#operation.actor), at: Date.now() };
    const next = { ...this.#now, ...change, ...who };
    try {
      this.#version = await this.#operation.cells.write(this.#cell, this.#version, next);
      this.#now = next;
      return true;
    } catch (error) {
      if (error instanceof Conflict) return false;
      throw error;
    }
  }
}
