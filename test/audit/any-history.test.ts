import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type History, rightHistory, sink, verdictOf } from './history.js';

const runs = { numRuns: 40, endOnFailure: true };

interface Shape {
  readonly messages: readonly {
    readonly key: number;
    readonly outcome: 'accepted' | 'unknown';
    readonly fate: 'handled' | 'never' | 'queued' | 'dead' | 'half way';
    readonly copies: number;
  }[];
  readonly endpoints: number;
  readonly shuffle: number;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  messages: fc.array(
    fc.record({
      key: fc.nat(3),
      outcome: fc.constantFrom('accepted', 'unknown'),
      fate: fc.constantFrom('handled', 'handled', 'handled', 'never', 'queued', 'dead', 'half way'),
      copies: fc.nat(2),
    }),
    { minLength: 3, maxLength: 30 },
  ),
  endpoints: fc.integer({ min: 1, max: 3 }),
  shuffle: fc.integer({ min: 1, max: 97 }),
});

/** A history in which nothing is wrong, whatever happened to each of its messages. */
function historyOf({ messages, endpoints, shuffle }: Shape): History {
  const chain = ['a', 'b', 'c'].slice(0, endpoints);
  const history = rightHistory(2, chain);
  for (const { key, outcome, fate, copies } of messages) {
    const unsent = fate === 'never' ? 'unknown' : outcome;
    const message = history.enter('a', `key ${key}`, unsent);
    const { endpoint, messageId } = message;
    if (fate === 'handled') history.pass(message, chain);
    if (fate === 'half way') history.commit(message, [chain[1] ?? sink]);
    const where = fate === 'dead' ? 'dead' : 'queued';
    if (fate !== 'handled' && fate !== 'never')
      history.pending.push({ endpoint, messageId, where });
    for (let copy = 0; copy < copies && fate !== 'never'; copy += 1) history.arrive(message);
  }
  const mixed = <T>(list: T[]) => list.map((_, at) => list[(at * 97 + shuffle) % list.length] as T);
  if (history.commits.length % 97 !== 0) history.commits = mixed(history.commits);
  if (history.arrivals.length % 97 !== 0) history.arrivals = mixed(history.arrivals);
  return history;
}

function pick<T>(list: readonly T[], chance: number): T {
  const item = list[chance % list.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function replace<T>(list: T[], old: T, ...by: T[]): void {
  list.splice(list.indexOf(old), 1, ...by);
}

/** Spoils one thing; tells which message must be named. */
type Mutation = (history: History, chance: number) => string;

const name = ({ endpoint, messageId }: { endpoint: string; messageId: string }) =>
  `${endpoint} ${messageId}`;

const mutations: Record<string, Mutation> = {
  'an arrival in the sink is taken away': (history, chance) => {
    const victim = pick(
      history.arrivals.filter(({ endpoint }) => endpoint === sink),
      chance,
    );
    history.arrivals = history.arrivals.filter(({ messageId }) => messageId !== victim.messageId);
    return name(victim);
  },
  'a commit is taken away': (history, chance) => {
    const handled = history.commits.filter(({ messageId, endpoint }) => {
      const entered = history.entered.find((one) => one.messageId === messageId);
      const waits = history.pending.some((one) => name(one) === name({ messageId, endpoint }));
      return entered?.outcome !== 'unknown' && !waits;
    });
    const victim = pick(handled, chance);
    replace(history.commits, victim);
    return name(victim);
  },
  'a message is applied once more': (history, chance) => {
    const victim = pick(history.commits, chance);
    const { endpoint, messageId, key } = victim;
    for (const sent of history.commit({ endpoint, messageId, key, transaction: null }, [sink])) {
      history.arrive(sent);
    }
    return name(victim);
  },
  'a message arrives that nobody committed': (history, chance) => {
    const where = pick([...history.commits.map(({ endpoint }) => endpoint), sink], chance);
    const victim = { endpoint: where, messageId: 'stray', key: 'key 0', transaction: 'never' };
    history.arrive(victim);
    return name(victim);
  },
  'an arrival names another transaction': (history, chance) => {
    const victim = pick(history.arrivals, chance);
    replace(history.arrivals, victim, { ...victim, transaction: 'loser' });
    return name(victim);
  },
  'an arrival has another body': (history, chance) => {
    const victim = pick(history.arrivals, chance);
    replace(history.arrivals, victim, { ...victim, hash: 'another' });
    return name(victim);
  },
  'a promised body is another': (history, chance) => {
    const sent = history.commits.filter(({ outgoing: [first] }) => {
      return history.arrivals.some(({ messageId }) => messageId === first?.id);
    });
    const victim = pick(sent, chance);
    const outgoing = victim.outgoing.map((one) => ({ ...one, hash: 'another' }));
    replace(history.commits, victim, { ...victim, outgoing });
    return `${outgoing[0]?.endpoint} ${outgoing[0]?.id}`;
  },
  'a promise is struck out': (history, chance) => {
    const sent = history.commits.filter(({ outgoing: [first] }) => {
      return history.arrivals.some(({ messageId }) => messageId === first?.id);
    });
    const victim = pick(sent, chance);
    replace(history.commits, victim, { ...victim, outgoing: [] });
    return `${victim.outgoing[0]?.endpoint} ${victim.outgoing[0]?.id}`;
  },
  'a log line is struck out': (history, chance) => {
    const arrived = history.entered.filter(({ messageId }) => {
      return history.arrivals.some((one) => one.messageId === messageId);
    });
    const victim = pick(arrived, chance);
    replace(history.entered, victim);
    return name(victim);
  },
  'a commit left another state': (history, chance) => {
    const victim = pick(history.commits, chance);
    replace(history.commits, victim, { ...victim, after: 'another' });
    return name(victim);
  },
  'a commit began from another state': (history, chance) => {
    const victim = pick(history.commits, chance);
    replace(history.commits, victim, { ...victim, before: 'another' });
    return name(victim);
  },
  'a commit follows one that is not there': (history, chance) => {
    const victim = pick(history.commits, chance);
    replace(history.commits, victim, { ...victim, previous: 'nobody' });
    return name(victim);
  },
  'a later commit has an earlier version': (history, chance) => {
    const later = history.commits.filter(({ previous }) => previous !== null);
    if (later.length === 0)
      return mutations['a commit began from another state']?.(history, chance) ?? '';
    const victim = pick(later, chance);
    replace(history.commits, victim, { ...victim, version: 0 });
    return name(victim);
  },
  'the store holds another state': (history, chance) => {
    const entities = history.storedEntities();
    const victim = pick(entities, chance);
    replace(entities, victim, { ...victim, hash: 'another' });
    history.entities = entities;
    return name(
      history.commits.find((one) => one.transaction === victim.transaction) ?? pick([], 0),
    );
  },
};

test('whatever happened to its messages, a right history is clean', async () => {
  const right = fc.asyncProperty(shape, async (chosen) => {
    const verdict = await verdictOf(historyOf(chosen));
    expect(verdict.firstViolations).toEqual([]);
    expect(verdict.clean).toBe(true);
  });
  await fc.assert(right, runs);
});

test.each(Object.keys(mutations))('when %s, that message is named', async (mutation) => {
  const spoilt = fc.asyncProperty(shape, fc.nat(), async (chosen, chance) => {
    const history = historyOf(chosen);
    const victim = mutations[mutation]?.(history, chance);
    const verdict = await verdictOf(history);
    expect(verdict.clean).toBe(false);
    expect(verdict.firstViolations.map(name)).toContain(victim);
  });
  await fc.assert(spoilt, { ...runs, numRuns: 10 });
});
