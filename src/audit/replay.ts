/**
 * I5 for deterministic handlers: every entity's commits are executed again, one after another, and
 * must arrive at the same states. Where a chain forks or has a gap (I2), the rest of it is not judged.
 */
import { hashOf } from '../engine/evidence.js';
import type { CommitRecord } from '../engine/ports.js';
import type { Findings } from './findings.js';
import { linesInOrder } from './in-order.js';
import { encodeKey } from './lines.js';

/**
 * Executes a message's handler again: the state that it leaves. `undefined` when this endpoint's
 * handlers cannot be re-executed. `key` is the entity's.
 */
export type Replay = (
  before: Uint8Array | null,
  messageId: string,
  endpoint: string,
  key: string,
) => Uint8Array | null | undefined;

const versionDigits = 16;

/** The fact of one commit, whose text order is the order of its entity's chain. */
export function replayFact(record: CommitRecord): string {
  const { endpoint, messageId, transaction, previous, after } = record;
  const version = String(record.version).padStart(versionDigits, '0');
  const entity = `${endpoint}\t${encodeKey(record.key)}`;
  return `${entity}\t${version}\t${transaction}\t${previous ?? ''}\t${messageId}\t${after}\n`;
}

const byText = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** Replays every entity of a bucket; `runBytes` bounds the memory for sorting it. */
export async function replayBucket(
  path: string,
  runBytes: number,
  replay: Replay,
  findings: Findings,
): Promise<void> {
  let entity = new Execution('', '');
  for await (const line of linesInOrder(path, byText, runBytes)) {
    const [endpoint = '', key = '', , ...commit] = line.split('\t');
    if (!entity.is(endpoint, key)) entity = new Execution(endpoint, key);
    entity.step(commit, replay, findings);
  }
}

/** One entity's execution, from no state on. */
class Execution {
  readonly #endpoint: string;
  readonly #key: string;
  #state: Uint8Array | null = null;
  #transaction = '';
  #broken = false;

  constructor(endpoint: string, key: string) {
    this.#endpoint = endpoint;
    this.#key = key;
  }

  is(endpoint: string, key: string): boolean {
    return this.#endpoint === endpoint && this.#key === key;
  }

  step(commit: readonly string[], replay: Replay, findings: Findings): void {
    const [transaction = '', previous = '', messageId = '', after = ''] = commit;
    if (this.#broken || transaction === this.#transaction) return;
    this.#broken = previous !== this.#transaction;
    if (this.#broken) return;
    const difference = this.#execute(messageId, after, replay);
    this.#transaction = transaction;
    if (difference === null) return;
    this.#broken = true;
    findings.add('I5', this.#endpoint, messageId, difference);
  }

  #execute(messageId: string, after: string, replay: Replay): string | null {
    const key = this.#key === '%' ? '' : decodeURIComponent(this.#key);
    try {
      const state = replay(this.#state, messageId, this.#endpoint, key);
      this.#broken = state === undefined;
      this.#state = state ?? null;
    } catch (thrown) {
      return `executed again, entity ${this.#key}: the handler failed: ${String(thrown)}`;
    }
    const again = hashOf(this.#state);
    if (this.#broken || again === after) return null;
    return `executed again, entity ${this.#key} has state ${again}, but ${after} was committed`;
  }
}
