/**
 * The effects of the programs on simulated stores: the verifier's counterpart of the runtime's
 * interpreter. Each answers what may happen, as a list; a strong store has one answer.
 */
import type { Effect, EffectOf, Outcome } from '../engine/effects.js';
import type { Message } from '../engine/message.js';
import type { Entity, Entry } from '../engine/ports.js';
import { type Answer, conflict, done, lost, parts } from './answers.js';
import { checked, entryOf, payloadIds } from './foreseen.js';
import { arrivedAtSink, committed, leaked, sentOn, type Violation } from './history.js';
import type { Layout } from './layout.js';
import { endpointOf, type Scenario, sink } from './scenario.js';
import {
  asBytes,
  asText,
  type EntityContent,
  type History,
  type PayloadContent,
  sorted,
  type Values,
  withId,
  without,
} from './values.js';

type Row = Uint32Array;

export class Stores {
  readonly #scenario: Scenario;
  readonly #layout: Layout;
  readonly #values: Values;

  constructor(scenario: Scenario, layout: Layout, values: Values) {
    this.#scenario = scenario;
    this.#layout = layout;
    this.#values = values;
  }

  /** Positions in the row that the answers depend on: all others may differ, the answers are the same. */
  reads(effect: Effect): readonly number[] {
    const { history, payloads } = this.#layout;
    switch (effect.kind) {
      case 'load':
      case 'reload':
        return this.#layout.staleEntities
          ? [this.#entityAt(effect.message), this.#entityAt(effect.message) + 1]
          : [this.#entityAt(effect.message)];
      case 'has-record':
      case 'add-record':
        return [this.#recordsAt(effect.message)];
      case 'get-payload':
      case 'put-payloads':
      case 'delete-payload':
      case 'delete-losers':
        return [payloads];
      case 'dispatch':
        return [history];
      case 'enter':
        return [history, this.#recordsAt(effect.messages[0] ?? effect.message)];
      case 'ack':
      case 'handle':
      case 'report-lost':
        return [];
      default:
        return [this.#entityAt(effect.message), history];
    }
  }

  /** What may happen. `nonce` is fresh in this world. */
  perform(effect: Effect, row: Row, nonce: number): Answer[] {
    switch (effect.kind) {
      case 'load':
        return this.#load(effect.message, row, true);
      case 'reload':
        return this.#load(effect.message, row, false);
      case 'has-record':
        return this.#hasRecord(effect.message, row);
      case 'get-payload':
        return this.#getPayload(effect.message, row);
      case 'save':
        return [this.#write(effect, row, effect.entity, effect.outcome, false, (now) => now)];
      case 'transact':
        return [this.#transact(effect, row)];
      case 'commit':
        return [this.#commit(effect, row)];
      case 'register':
        return [this.#register(effect, row)];
      case 'commit-slot':
        return [this.#commitSlot(effect, row)];
      case 'put-payloads':
        return this.#putPayloads(effect, row, nonce);
      case 'mark-checked':
        return [this.#markChecked(effect, row)];
      case 'dispatch':
        return this.#dispatch(effect, row, nonce);
      case 'enter':
        return [this.#enter(effect.messages, row)];
      case 'mark-dispatched':
        return [this.#settle(effect.message, row, (entry) => dispatched(entry, effect.from))];
      case 'add-record':
        return [this.#addRecord(effect.message, row)];
      case 'delete-payload':
        return [this.#delete(row, [effect.id ?? tokenOf(effect.message)], undefined, '')];
      case 'delete-losers':
        return this.#deleteLosers(effect, row);
      case 'remove-entry':
        return [this.#removeEntry(effect, row)];
      case 'clear-slot':
        return [this.#clearSlot(effect, row)];
      case 'report-lost':
        return [done(undefined)];
      case 'handle':
      case 'ack':
        throw new Error(`${effect.kind} touches no store`);
    }
  }

  /** The handler, run in memory: its ids bear `nonce`. */
  handle(
    { message, entity, body }: EffectOf<'handle'>,
    nonce: number,
    fetched: string | null = null,
  ): Outcome {
    const { handler } = endpointOf(this.#scenario, message.endpoint);
    const transaction = `t${nonce}`;
    const { id, key } = message;
    const given = fetched ?? asText(body ?? message.body);
    const { state, sends } = handler({ id, key, body: given }, asText(entity.state), transaction);
    const messages = sends.map(
      (send, index): Message => ({
        id: `${transaction}.${index}`,
        endpoint: send.to,
        type: 'M',
        key,
        body: asBytes(send.body),
        headers: { causedBy: id, transaction },
      }),
    );
    return { transaction, state: asBytes(state), messages };
  }

  /** The body that a consumer by id fetches from where the message says; null: it is not there. */
  fetch(message: Message, row: Row): string | null {
    const content = this.#values.payloads.value(row[this.#layout.payloads] as number);
    return content.bodies[tokenOf(message)] ?? null;
  }

  #load(message: Message, row: Row, mayBeStale: boolean): Answer[] {
    const at = this.#entityAt(message);
    const fresh = done(this.#seen(message, row[at] as number));
    const isStale = mayBeStale && this.#scenario.stores.business === 'stale';
    if (!isStale || row[at] === row[at + 1]) return [fresh];
    return [fresh, { ...done(this.#seen(message, row[at + 1] as number)), note: 'stale' }];
  }

  #seen(message: Message, content: number): Entity {
    const now = this.#values.entities.value(content);
    return {
      state: asBytes(now.state),
      version: this.#versionOf(now),
      transaction: now.transaction,
      entry: now.entries[message.id] ?? null,
      slot: now.slot,
      registry: now.registry,
    };
  }

  /** A hash of the content knows nothing of what lay between; here it is the content's own number. */
  #versionOf(content: EntityContent): number {
    if (this.#scenario.stores.business !== 'content-hash') return content.version;
    return this.#values.entities.intern({ ...content, version: 0, transaction: null });
  }

  #hasRecord(message: Message, row: Row): Answer[] {
    const at = this.#recordsAt(message);
    const records = this.#values.records.value(row[at] as number);
    const id = this.#recordId(message);
    if (!records.ids.includes(id)) {
      if (this.#scenario.stores.dedupe !== 'negative-cache') return [done(false)];
      const hidden = withId(records.hidden, id);
      return [done(false, [at, this.#values.records.intern({ ...records, hidden })])];
    }
    if (!records.hidden.includes(id)) return [done(true)];
    const why = this.#scenario.stores.dedupe === 'stale' ? 'stale' : 'the absence found before';
    return [done(true), { ...done(false), note: why }];
  }

  #addRecord(message: Message, row: Row): Answer {
    const at = this.#recordsAt(message);
    const records = this.#values.records.value(row[at] as number);
    const id = this.#recordId(message);
    const isStale = this.#scenario.stores.dedupe === 'stale' && !records.ids.includes(id);
    const hidden = isStale ? withId(records.hidden, id) : records.hidden;
    const ids = withId(records.ids, id);
    return done(undefined, [at, this.#values.records.intern({ ids, hidden })]);
  }

  #getPayload(message: Message, row: Row): Answer[] {
    const id = tokenOf(message);
    const content = this.#values.payloads.value(row[this.#layout.payloads] as number);
    const body = content.bodies[id] ?? null;
    const answers = [done(body)];
    if (body === null && this.#scenario.stores.payload === 'negative-cache') {
      const old = sorted({ ...content.old, [id]: null });
      return [done(body, this.#payloads({ ...content, old }))];
    }
    const old = content.old[id];
    if (old !== undefined && old !== body) answers.push({ ...done(old), note: 'stale' });
    return answers;
  }

  #putPayloads(effect: EffectOf<'put-payloads'>, row: Row, nonce: number): Answer[] {
    const { messages } = effect;
    const ids = payloadIds(effect, this.#scenario.wrongs, `p${nonce}`);
    return parts(messages).map(({ part, note }) => {
      let content = this.#values.payloads.value(row[this.#layout.payloads] as number);
      for (const { id, body } of part)
        content = this.#withBody(content, ids[id] ?? '', asText(body));
      return { ...done(ids, this.#payloads(content)), isPartial: part !== messages, note };
    });
  }

  #withBody(content: PayloadContent, id: string, body: string): PayloadContent {
    const isNew = content.bodies[id] === undefined;
    const isStale = this.#scenario.stores.payload === 'stale' && isNew;
    const old = isStale ? sorted({ ...content.old, [id]: null }) : content.old;
    return { ...content, bodies: sorted({ ...content.bodies, [id]: body }), old };
  }

  #deleteLosers({ entity, slot }: EffectOf<'delete-losers'>, row: Row): Answer[] {
    const won = new Set(Object.values(slot.payloads));
    const lost = entity.registry.flatMap(({ payloads }) => payloads.filter((id) => !won.has(id)));
    return parts(lost).map(({ part, note }) => ({
      ...this.#delete(row, part, undefined, note),
      isPartial: part !== lost,
    }));
  }

  #delete(row: Row, ids: readonly string[], result: unknown, note: string): Answer {
    const content = this.#values.payloads.value(row[this.#layout.payloads] as number);
    const { payload } = this.#scenario.stores;
    const keeps = payload === 'stale' || payload === 'stale-delete';
    const gone = ids.filter((id) => content.bodies[id] !== undefined);
    const stale = Object.fromEntries(gone.map((id) => [id, content.bodies[id] ?? null]));
    const old = keeps ? sorted({ ...content.old, ...stale }) : content.old;
    const bodies = without(content.bodies, ...gone);
    return { ...done(result, this.#payloads({ ...content, bodies, old })), note };
  }

  #payloads(content: PayloadContent): number[] {
    return [this.#layout.payloads, this.#values.payloads.intern(content)];
  }

  #commit(effect: EffectOf<'commit'>, row: Row): Answer {
    const { message, entity, outcome } = effect;
    const entry = entryOf(effect);
    const written = this.#write(effect, row, entity, outcome, true, (now) => ({
      ...now,
      entries: sorted({ ...now.entries, [message.id]: entry }),
    }));
    return written.result === conflict ? written : { ...written, result: entry };
  }

  #transact(effect: EffectOf<'transact'>, row: Row): Answer {
    const { entity, outcome } = effect;
    const written = this.#write(effect, row, entity, outcome, true, (now) => now);
    if (written.result === conflict) return written;
    // `#write` tells the history last; sending goes on from there.
    const history = this.#values.histories.value(written.writes.at(-1) as number);
    const sent = this.#sent(outcome.messages, history);
    const violation = written.violation ?? sent.violation;
    const writes = [...written.writes.slice(0, -2), ...sent.writes];
    return { ...written, result: 'done', writes, sends: sent.sends, violation };
  }

  /** The change of state: conditional or not, with whatever else belongs to the record. */
  #write(
    { message }: { message: Message },
    row: Row,
    entity: Entity,
    outcome: Outcome,
    isConditional: boolean,
    rest: (now: EntityContent) => EntityContent,
    expected = entity.version,
  ): Answer {
    const at = this.#entityAt(message);
    const now = this.#values.entities.value(row[at] as number);
    if (isConditional && !this.#allows(now, message, expected)) return lost;
    const state = outcome.state === undefined ? now.state : asText(outcome.state);
    const { transaction } = outcome;
    const next = rest({ ...now, version: now.version + 1, state, transaction });
    const history = this.#values.histories.value(row[this.#layout.history] as number);
    const seen = { state: asText(entity.state), transaction: entity.transaction };
    const judged = committed(history, message, outcome, seen, now);
    const writes = [...this.#entity(at, next, row), this.#layout.history];
    writes.push(this.#values.histories.intern(judged.history));
    return { ...done(undefined, writes), violation: judged.violation };
  }

  #allows(now: EntityContent, message: Message, expected: number): boolean {
    const { unconditionalCommit, uniqueEntryOnly, unconditionalCreate } = this.#scenario.wrongs;
    if (unconditionalCommit) return true;
    if (uniqueEntryOnly) return !(message.id in now.entries);
    if (unconditionalCreate && expected === 0) return true;
    return this.#versionOf(now) === expected;
  }

  #register({ message, entity, outcome }: EffectOf<'register'>, row: Row): Answer {
    const at = this.#entityAt(message);
    const now = this.#values.entities.value(row[at] as number);
    if (this.#versionOf(now) !== entity.version) return lost;
    const { transaction: attempt } = outcome;
    const ids = outcome.messages.map(({ id }) => [id, id.replace('t', 'p')] as const);
    const payloads = Object.fromEntries(ids);
    const mine = { attempt, messageId: message.id, payloads: Object.values(payloads) };
    const registry = [...entity.registry, { ...mine, worker: '', at: 0 }];
    const next = { ...now, version: now.version + 1, registry };
    const result = { version: this.#versionOf(next), payloads, registry };
    return done(result, this.#entity(at, next, row));
  }

  #commitSlot(effect: EffectOf<'commit-slot'>, row: Row): Answer {
    const { message, entity, outcome, registered } = effect;
    const slot = {
      ...{ messageId: message.id, transaction: outcome.transaction },
      messages: outcome.messages.map((one) => ({ ...one, body: asBytes('') })),
      ...{ payloads: registered.payloads, token: tokenOf(message), worker: '', committedAt: 0 },
    };
    const { version, registry } = registered;
    const written = this.#write(
      ...[effect, row, entity, outcome, true, (now: EntityContent) => ({ ...now, slot }), version],
    );
    if (written.result === conflict) return written;
    const next = this.#values.entities.value(written.writes[1] as number);
    const result = { ...entity, version: this.#versionOf(next), slot, registry };
    return { ...written, result };
  }

  #clearSlot({ message, entity }: EffectOf<'clear-slot'>, row: Row): Answer {
    const at = this.#entityAt(message);
    const now = this.#values.entities.value(row[at] as number);
    const isBlind = this.#scenario.wrongs.blindClear;
    if (!isBlind && this.#versionOf(now) !== entity.version) return lost;
    const next = { ...now, version: now.version + 1, slot: null, registry: [] };
    return done(undefined, this.#entity(at, next, row));
  }

  #markChecked({ message, entry, payloads }: EffectOf<'mark-checked'>, row: Row): Answer {
    const now = this.#values.entities.value(row[this.#entityAt(message)] as number);
    const stored = now.entries[message.id];
    const isFree = this.#scenario.wrongs.unconditionalChecked || stored?.step === 'committed';
    if (!stored || !isFree) return lost;
    const settled = this.#settle(message, row, (old) => checked(old, payloads));
    return { ...settled, result: checked(entry, payloads) };
  }

  #removeEntry({ message, from }: EffectOf<'remove-entry'>, row: Row): Answer {
    const now = this.#values.entities.value(row[this.#entityAt(message)] as number);
    const stored = now.entries[message.id];
    if (from === 'checked' && stored && stored.step !== 'checked') return lost;
    return this.#settle(message, row, () => null);
  }

  /** Changes one entry, on no condition but that it is there; the entity's version stays. */
  #settle(message: Message, row: Row, change: (entry: Entry) => Entry | null): Answer {
    const at = this.#entityAt(message);
    const now = this.#values.entities.value(row[at] as number);
    const stored = now.entries[message.id];
    if (!stored) return done(undefined);
    const changed = change(stored);
    const others = without(now.entries, message.id);
    const entries = changed === null ? others : sorted({ ...others, [message.id]: changed });
    return done(undefined, this.#entity(at, { ...now, entries }, row));
  }

  #dispatch(effect: EffectOf<'dispatch'>, row: Row, nonce: number): Answer[] {
    const history = this.#values.histories.value(row[this.#layout.history] as number);
    const renews = this.#scenario.wrongs.newIdsOnDispatch;
    return parts(effect.messages).map(({ part, note }) => {
      const messages = part.map((message, at) => {
        const named = renews ? { ...message, id: `t${nonce}.${at}` } : message;
        return stamped(named, effect.payloads?.[message.id]);
      });
      const sent = this.#sent(messages, history);
      return { ...sent, isPartial: part !== effect.messages, note };
    });
  }

  /** The entry record of an island is what tells a repeat: kept with the endpoint's dedupe records. */
  #enter(messages: readonly Message[], row: Row): Answer {
    const history = this.#values.histories.value(row[this.#layout.history] as number);
    const writes: number[] = [];
    const isNew = (message: Message) => {
      const at = this.#layout.records.get(message.endpoint);
      if (at === undefined) return true;
      const records = this.#values.records.value(row[at] as number);
      if (records.ids.includes(message.id)) return false;
      const ids = withId(records.ids, message.id);
      writes.push(at, this.#values.records.intern({ ...records, ids }));
      return true;
    };
    const sent = this.#sent(messages.filter(isNew), history);
    return { ...sent, writes: [...writes, ...sent.writes] };
  }

  #sent(messages: readonly Message[], before: History): Answer {
    let history = before;
    let violation: Violation | null = null;
    const sends: Message[] = [];
    for (const message of messages) {
      violation ??= leaked(history, message);
      if (message.endpoint === sink) history = arrivedAtSink(history, message);
      else {
        history = sentOn(history, message);
        sends.push(message);
      }
    }
    const writes = [this.#layout.history, this.#values.histories.intern(history)];
    return { ...done(undefined, writes), sends, violation };
  }

  #entity(at: number, content: EntityContent, row: Row): number[] {
    const writes = [at, this.#values.entities.intern(content)];
    if (this.#layout.staleEntities) writes.push(at + 1, row[at] as number);
    return writes;
  }

  #entityAt({ endpoint, key }: Message): number {
    return this.#layout.entities.get(`${endpoint}/${key}`) as number;
  }

  #recordsAt({ endpoint }: Message): number {
    const name = this.#scenario.wrongs.recordWithoutEndpoint
      ? (this.#scenario.endpoints[0]?.name ?? '')
      : endpoint;
    return this.#layout.records.get(name) as number;
  }

  #recordId({ id }: Message): string {
    return id;
  }
}

function dispatched(entry: Entry, from: Entry['step']): Entry {
  return entry.step === from ? { ...entry, step: 'dispatched', messages: [] } : entry;
}

function tokenOf(message: Message): string {
  return message.headers.payload?.id ?? '';
}

function stamped(message: Message, payload: string | undefined): Message {
  if (payload === undefined) return message;
  const headers = { ...message.headers, payload: { id: payload, store: 'payloads' } };
  return { ...message, body: asBytes(''), headers };
}
