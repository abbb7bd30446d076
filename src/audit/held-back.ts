/**
 * Committed outgoing messages that never left. They are lost, unless the message whose commit promised
 * them is still queued or dead: then its next attempt dispatches them, and they are pending like it.
 */
import { Buckets } from './buckets.js';
import { evidenceFiles } from './evidence-files.js';
import { parsePending } from './lines.js';
import type { Producer } from './message-facts.js';
import { filesOf, forEachRecord, lineBatches } from './read-lines.js';

export interface Missing {
  readonly endpoint: string;
  readonly messageId: string;
  /** What to say about it when it is lost. */
  readonly what: string;
}

/** Candidates looked up in one pass over the pending messages. */
const chunkBytes = 8 << 20;

/** Candidates wait in a file, so that a run that lost everything is judged in bounded memory too. */
export class HeldBack {
  readonly #folder: string;
  readonly #candidates: Buckets;

  /** `folder` holds the evidence, `workspace` the candidates. */
  constructor(folder: string, workspace: string) {
    this.#folder = folder;
    this.#candidates = new Buckets(workspace, 'held-back', 1, 1 << 16);
  }

  add({ endpoint, messageId, what }: Missing, producer: Producer): void {
    const line = `${producer.endpoint}\t${producer.messageId}\t${endpoint}\t${messageId}\t${what}\n`;
    this.#candidates.add('', line);
  }

  /** Tells which candidates are lost; resolves with how many are held back by a pending message. */
  async resolve(onLost: (missing: Missing) => void): Promise<number> {
    let heldBack = 0;
    for (const path of this.#candidates.finish()) {
      for await (const { lines } of lineBatches(path, chunkBytes)) {
        const candidates = lines.map((line) => line.split('\t'));
        const pending = await this.#pendingAmong(new Set(candidates.map(producerOf)));
        for (const candidate of candidates) {
          const [, , endpoint = '', messageId = '', what = ''] = candidate;
          if (pending.has(producerOf(candidate))) heldBack += 1;
          else onLost({ endpoint, messageId, what });
        }
      }
    }
    return heldBack;
  }

  async #pendingAmong(producers: ReadonlySet<string>): Promise<Set<string>> {
    const pending = new Set<string>();
    for (const path of await filesOf(this.#folder, evidenceFiles.pending)) {
      await forEachRecord(path, parsePending, ({ endpoint, messageId }) => {
        const message = `${endpoint}\t${messageId}`;
        if (producers.has(message)) pending.add(message);
      });
    }
    return pending;
  }
}

function producerOf(candidate: readonly string[]): string {
  return `${candidate[0]}\t${candidate[1]}`;
}
