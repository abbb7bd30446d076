/** What a schedule leaves behind as evidence, in the bench's terms: so that its audit can judge it too. */
import type { Message } from '../engine/message.js';
import { idle } from './automaton.js';
import { inline } from './history.js';
import { messageOf } from './layout.js';
import type { World } from './moves.js';
import { sink } from './scenario.js';
import { asText, type History } from './values.js';

export interface CommitEvidence {
  readonly endpoint: string;
  readonly messageId: string;
  readonly key: string;
  readonly transaction: string;
  readonly previous: string | null;
  readonly version: number;
  readonly before: string;
  readonly after: string;
  readonly outgoing: readonly {
    readonly id: string;
    readonly endpoint: string;
    readonly body: string;
  }[];
}

export interface ArrivalEvidence {
  readonly endpoint: string;
  readonly messageId: string;
  readonly transaction: string | null;
  readonly body: string;
}

/** Texts where the bench keeps hashes of bytes. */
export interface Evidence {
  readonly commits: readonly CommitEvidence[];
  readonly arrivals: readonly ArrivalEvidence[];
  readonly entities: readonly {
    readonly endpoint: string;
    readonly key: string;
    readonly version: number;
    readonly transaction: string | null;
    readonly state: string;
  }[];
  /** Messages that still lie in a queue, copies of them counted once. */
  readonly pending: readonly { readonly endpoint: string; readonly messageId: string }[];
  readonly entries: number;
  readonly isAtRest: boolean;
}

/** Reads the evidence off the worlds that a schedule passes through. */
export function evidenceOf(
  world: World,
  rows: readonly Uint32Array[],
  isAtRest: boolean,
): Evidence {
  const commits: CommitEvidence[] = [];
  const arrivals: ArrivalEvidence[] = [];
  for (let at = 1; at < rows.length; at++) {
    const [before, after] = [rows[at - 1] as Uint32Array, rows[at] as Uint32Array];
    commits.push(...newCommits(world, before, after));
    arrivals.push(...received(world, before, after), ...reached(world, before, after));
  }
  const last = rows.at(-1) as Uint32Array;
  const pending = queued(world, last);
  const entities = stored(world, last);
  const entries = entities.reduce((sum, { left }) => sum + left, 0);
  return { commits, arrivals, entities, pending, entries, isAtRest };
}

function historyOf({ values, layout }: World, row: Uint32Array): History {
  return values.histories.value(row[layout.history] as number);
}

function newCommits(world: World, before: Uint32Array, after: Uint32Array): CommitEvidence[] {
  const known = historyOf(world, before).commits;
  const now = Object.entries(historyOf(world, after).commits);
  return now.flatMap(([name, { transaction, outgoing }]) => {
    if (known[name]?.transaction === transaction) return [];
    const [endpoint = '', messageId = ''] = name.split('/');
    for (const [entity, at] of world.layout.entities) {
      const old = world.values.entities.value(before[at] as number);
      const content = world.values.entities.value(after[at] as number);
      if (content === old || content.transaction !== transaction) continue;
      if (!entity.startsWith(`${endpoint}/`)) continue;
      const key = entity.slice(endpoint.length + 1);
      const seen = seenBy(world, before, transaction);
      const states = { before: seen.state, after: content.state, version: content.version };
      const sent = Object.entries(outgoing).map(([id, body]) => ({ id, endpoint: sink, body }));
      const link = { transaction, previous: seen.transaction, ...states, outgoing: sent };
      return [{ endpoint, messageId, key, ...link }];
    }
    return [];
  });
}

/** What the handler of this transaction had before it: the record says that, whatever it replaces. */
function seenBy({ layout, automaton }: World, before: Uint32Array, transaction: string) {
  const places = [before[layout.limbo] as number];
  for (let actor = 0; actor < layout.actors; actor++) {
    places.push(before[layout.firstPlace + actor] as number);
  }
  for (const place of places) {
    const effect = place === idle ? null : automaton.effect(place);
    if (!effect || !('outcome' in effect) || effect.outcome.transaction !== transaction) continue;
    return { state: asText(effect.entity.state), transaction: effect.entity.transaction };
  }
  throw new Error(`nobody was about to commit ${transaction}`);
}

/** A worker that begins: its message has arrived. */
function received(world: World, before: Uint32Array, after: Uint32Array): ArrivalEvidence[] {
  const { layout, automaton } = world;
  const found: ArrivalEvidence[] = [];
  for (let worker = 0; worker < layout.workers; worker++) {
    const at = layout.firstPlace + worker;
    if (before[at] !== idle || after[at] === idle) continue;
    found.push(arrivalOf(automaton.message(after[at] as number)));
  }
  return found;
}

function arrivalOf({ endpoint, id, headers, body }: Message): ArrivalEvidence {
  const transaction = headers.transaction ?? null;
  return { endpoint, messageId: id, transaction, body: asText(body) };
}

/** Messages that came to the sink with their body in them. */
function reached(world: World, before: Uint32Array, after: Uint32Array): ArrivalEvidence[] {
  const known = historyOf(world, before).arrived;
  const { arrived, commits } = historyOf(world, after);
  return Object.entries(arrived).flatMap(([messageId, how]) => {
    if (known[messageId]?.includes(inline) || !how.includes(inline)) return [];
    const origin = Object.values(commits).find(({ outgoing }) => messageId in outgoing);
    const transaction = messageId.slice(0, messageId.indexOf('.'));
    return [{ endpoint: sink, messageId, transaction, body: origin?.outgoing[messageId] ?? '' }];
  });
}

function queued(world: World, row: Uint32Array) {
  const { layout, values } = world;
  const found = new Map<string, { endpoint: string; messageId: string }>();
  for (let index = 0; index < layout.copies; index++) {
    const copy = row[layout.firstCopy + index] as number;
    if (copy === 0) continue;
    const { endpoint, id } = values.messages.value(messageOf(layout, copy));
    found.set(`${endpoint}/${id}`, { endpoint, messageId: id });
  }
  return [...found.values()];
}

function stored({ layout, values }: World, row: Uint32Array) {
  return [...layout.entities].map(([name, at]) => {
    const { version, transaction, state, entries } = values.entities.value(row[at] as number);
    const slash = name.indexOf('/');
    const left = Object.values(entries).filter(({ step }) => step !== 'dispatched').length;
    const known = { version, transaction, state, left };
    return { endpoint: name.slice(0, slash), key: name.slice(slash + 1), ...known };
  });
}
