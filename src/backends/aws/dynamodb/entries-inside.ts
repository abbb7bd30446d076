/**
 * Entries in their entity's item: a commit is one conditional update of one item, which is half the
 * price of a transaction. Settling changes the entry's own attributes, conditional on them alone, so
 * that a busy entity does not get in its way; it needs the entity's key, which this process has seen
 * when it loaded the message. A settle of a message that it never saw looks through the table.
 */
import { IdSource } from '../../../engine/ids.js';
import type { Entry, Settled, SettleFrom, SettleTo } from '../../../engine/ports.js';
import type { CommittedEntries, Loaded } from './committed-entries.js';
import { type CommitPlan, entityOf, entriesOf } from './entity-item.js';
import type { Item } from './item.js';
import { keyOf, splitKey } from './keys.js';
import { judgeLostRace } from './lost-race.js';
import { Recent } from './recent.js';
import { ConditionFailed } from './session.js';
import { judgeSettle, setStep, whereMovable } from './settle-update.js';
import type { Table } from './table.js';
import { Update } from './update.js';

/** More than can be in flight in one process; some 200 bytes each. */
const mostMessages = 100_000;

export class EntriesInside implements CommittedEntries {
  readonly #entities: Table;
  readonly #ids = new IdSource();
  /** endpoint/message id -> entity's key, for what was loaded, committed or listed here. */
  readonly #keys = new Recent<string>(mostMessages);
  /** Entities that had several entries when they were last seen: a guess, never relied on. */
  readonly #crowded = new Recent<true>(mostMessages);

  constructor(entities: Table) {
    this.#entities = entities;
  }

  async load(key: string, messageId: string): Promise<Loaded> {
    this.note(key, messageId);
    const item = await this.#entities.read(key);
    if (Object.keys(entriesOf(item)).length > 1) this.#crowded.set(key, true);
    else this.#crowded.delete(key);
    return { item, entry: entityOf(item, messageId).entry };
  }

  async commit(plan: CommitPlan, update: Update, entry: Entry | null): Promise<void> {
    if (entry) this.note(plan.key, entry.messageId);
    try {
      await this.#entities.update(plan.key, update);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      await judgeLostRace(plan, error, () => this.#entities.read(plan.key));
    }
  }

  async settle(
    endpoint: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
  ): Promise<Settled> {
    const key = await this.#keyOf(endpoint, messageId);
    if (key === null) return 'missing';
    const settler = this.#ids.next();
    for (;;) {
      const outcome = await this.#trySettle(key, messageId, from, to, settler);
      if (outcome !== 'free') return outcome;
    }
  }

  /** Remembers of which entity a message's entry is. */
  note(key: string, messageId: string): void {
    this.#keys.set(keyOf(splitKey(key).endpoint, messageId), key);
  }

  /** `free`: the condition did not hold, but by what was then read it would. */
  async #trySettle(
    key: string,
    messageId: string,
    from: SettleFrom,
    to: SettleTo,
    settler: string,
  ): Promise<Settled | 'free'> {
    const path = ['entries', messageId];
    try {
      if (to.step === 'removed') await this.#remove(key, path, from, to);
      else {
        const update = whereMovable(new Update(), path, from, to);
        await this.#entities.update(key, setStep(update, path, to, settler));
      }
      return 'settled';
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const present = error.present ?? (await this.#entities.read(key));
      const outcome = judgeSettle(entryIn(present, messageId), from, to, settler);
      if (outcome === 'free') this.#crowded.set(key, true);
      return outcome;
    }
  }

  /**
   * The last entry goes together with the mark of the index. Where there are others the entry goes
   * alone, and the mark afterwards, when nothing is left; so two requests, never a race for the size.
   */
  async #remove(
    key: string,
    path: readonly string[],
    from: SettleFrom,
    to: SettleTo,
  ): Promise<void> {
    if (!this.#crowded.get(key)) {
      const last = whereMovable(new Update(), path, from, to).remove(path);
      await this.#entities.update(key, withoutMark(last, 1));
      return;
    }
    const one = whereMovable(new Update(), path, from, to).remove(path);
    const left = await this.#entities.update(key, one, 'new');
    if (Object.keys(entriesOf(left)).length > 0 || left['slot']) return;
    this.#crowded.delete(key);
    await this.#entities.update(key, withoutMark(new Update(), 0)).catch((error: unknown) => {
      // Somebody committed meanwhile: the mark is theirs.
      if (!(error instanceof ConditionFailed)) throw error;
    });
  }

  async #keyOf(endpoint: string, messageId: string): Promise<string | null> {
    const known = this.#keys.get(keyOf(endpoint, messageId));
    if (known !== undefined) return known;
    for await (const item of this.#entities.scan()) {
      const key = item['key']?.S ?? '';
      if (splitKey(key).endpoint !== endpoint || !entryIn(item, messageId)) continue;
      this.note(key, messageId);
      return key;
    }
    return null;
  }
}

/** Takes the item out of the index, if it has so many entries and no slot. */
function withoutMark(update: Update, entries: number): Update {
  const size = update.value({ N: String(entries) });
  update.where(`size(${update.path(['entries'])}) = ${size}`).whereAbsent(['slot']);
  return update.remove(['pending'], ['place']);
}

function entryIn(item: Item | null, messageId: string): Item | null {
  return entriesOf(item)[messageId]?.M ?? null;
}
