/** Small, right histories of a chain of endpoints, to be spoilt by the tests one fact at a time. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditOptions, audit } from '../../src/audit/audit.js';
import type { AuditVerdict } from '../../src/audit/evidence-files.js';
import {
  type FinalLeftovers,
  writeEntities,
  writeLeftovers,
  writePending,
} from '../../src/audit/final-files.js';
import type { ArrivalRecord, EnteredRecord, InjectedRecord } from '../../src/audit/lines.js';
import { EvidenceWriter } from '../../src/audit/writer.js';
import { type EntityRecord, hashOf, type PendingMessage } from '../../src/engine/evidence.js';
import type { CommitRecord, OutgoingRecord } from '../../src/engine/ports.js';

const bytes = (text: string) => new TextEncoder().encode(text);

export const sink = 'sink';
const bodyOf = (messageId: string) => hashOf(bytes(`body of ${messageId}`));

/** What every handler does: it remembers the last message and how many there were. */
export function handled(before: Uint8Array | null, messageId: string, endpoint: string) {
  const count = before === null ? 0 : Number(new TextDecoder().decode(before).split(' ')[0]);
  return bytes(`${count + 1} ${endpoint} ${messageId}`);
}

export const nothingLeft: FinalLeftovers = {
  entries: 0,
  dispatchedEntries: 0,
  overdueEntries: 0,
  slots: 0,
  registrations: 0,
  dedupeRecords: 0,
  overdueDedupeRecords: 0,
  payloads: 0,
  orphans: 0,
  drained: true,
};

interface Entity {
  state: Uint8Array | null;
  version: number;
  transaction: string | null;
}

export interface Sent {
  readonly messageId: string;
  readonly endpoint: string;
  readonly key: string;
  readonly transaction: string | null;
}

/** Everything a run leaves as evidence, as records. The lists are there to be changed. */
export class History {
  entered: EnteredRecord[] = [];
  commits: CommitRecord[] = [];
  arrivals: ArrivalRecord[] = [];
  injected: InjectedRecord[] = [];
  pending: PendingMessage[] = [];
  entities: EntityRecord[] | null = null;
  leftovers: FinalLeftovers | null = nothingLeft;
  #serial = 0;
  readonly #stores = new Map<string, Entity & { endpoint: string; key: string }>();

  next(kind: string): string {
    this.#serial += 1;
    return `${kind}${String(this.#serial).padStart(5, '0')}`;
  }

  enter(endpoint: string, key: string, outcome: 'accepted' | 'unknown' = 'accepted'): Sent {
    const messageId = this.next('m');
    this.entered.push({ messageId, endpoint, key, hash: bodyOf(messageId), outcome });
    return { messageId, endpoint, key, transaction: null };
  }

  arrive({ endpoint, messageId, transaction }: Sent): void {
    this.arrivals.push({ endpoint, messageId, transaction, hash: bodyOf(messageId) });
  }

  /** Commits the message and resolves with what it sends on, not yet arrived. */
  commit(message: Sent, targets: readonly string[]): Sent[] {
    const { endpoint, key, messageId } = message;
    const store = this.#storeOf(endpoint, key);
    const transaction = this.next('t');
    const outgoing = targets.map((target): OutgoingRecord => {
      const id = this.next('m');
      return { id, endpoint: target, hash: bodyOf(id) };
    });
    const after = handled(store.state, messageId, endpoint);
    const { transaction: previous, version } = store;
    const states = { before: hashOf(store.state), after: hashOf(after) };
    Object.assign(store, { state: after, version: version + 2, transaction });
    const link = { transaction, previous, version: store.version };
    this.commits.push({ endpoint, messageId, key, ...link, ...states, outgoing });
    return outgoing.map(({ id, endpoint: target }) => {
      return { messageId: id, endpoint: target, key, transaction };
    });
  }

  /** Takes a message through the rest of the chain, down to the sink. */
  pass(message: Sent, chain: readonly string[]): void {
    this.arrive(message);
    if (message.endpoint === sink) return;
    const target = chain[chain.indexOf(message.endpoint) + 1] ?? sink;
    for (const sent of this.commit(message, [target])) this.pass(sent, chain);
  }

  storedEntities(): EntityRecord[] {
    return [...this.#stores.values()].map(({ endpoint, key, version, transaction, state }) => {
      return { endpoint, key, version: version + 1, transaction, hash: hashOf(state) };
    });
  }

  async write(folder: string): Promise<void> {
    // In two files each, as two workers leave them.
    for (const half of [0, 1]) {
      const mine = <T>(records: readonly T[]) => records.filter((_, index) => index % 2 === half);
      const writers = (['entered', 'commits', 'arrivals', 'injected'] as const).map(
        (kind) => new EvidenceWriter(folder, kind, `w${half}`),
      );
      writers[0]?.entered(mine(this.entered));
      writers[1]?.commits(mine(this.commits));
      writers[2]?.arrivals(mine(this.arrivals));
      writers[3]?.injected(mine(this.injected));
      for (const writer of writers) writer.close();
    }
    await writeEntities(folder, this.entities ?? this.storedEntities());
    await writePending(folder, this.pending);
    if (this.leftovers !== null) await writeLeftovers(folder, this.leftovers);
  }

  #storeOf(endpoint: string, key: string) {
    const name = `${endpoint} ${key}`;
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const fresh = { endpoint, key, state: null, version: 0, transaction: null };
    this.#stores.set(name, fresh);
    return fresh;
  }
}

/** `count` messages over two entities, through endpoints `a` and `b` into the sink; all is well. */
export function rightHistory(count = 4, chain: readonly string[] = ['a', 'b']): History {
  const history = new History();
  for (let index = 0; index < count; index += 1) {
    history.pass(history.enter(chain[0] ?? sink, `key ${index % 2}`), chain);
  }
  return history;
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'oncectl-audit-'));
  try {
    await mkdir(join(folder, 'evidence'));
    return await work(join(folder, 'evidence'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function verdictOf(
  history: History,
  options: Partial<AuditOptions> = {},
): Promise<AuditVerdict> {
  return inFolder(async (folder) => {
    await history.write(folder);
    const whole = { sinks: [sink], deterministic: true, replay: handled };
    return audit(folder, { ...whole, ...options });
  });
}

/** The counts that say what is wrong, those that are not 0. */
export function faultsOf(verdict: AuditVerdict): Record<string, number> {
  const { lost, doubled, leaked, contradicting, unbounded } = verdict;
  const counts = { lost, doubled, leaked, contradicting, unbounded };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** `I1 a m00001` for every violation that the verdict names. */
export function named(verdict: AuditVerdict): string[] {
  return verdict.firstViolations.map(
    ({ invariant, endpoint, messageId }) => `${invariant} ${endpoint} ${messageId}`,
  );
}
