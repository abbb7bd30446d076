import { expect, test } from 'vitest';
import { unreadBody } from '../../src/audit/lines.js';
import { faultsOf, type History, named, rightHistory, sink, verdictOf } from './history.js';

/** The arrival that a commit sent to `endpoint`, and the place to put another in its stead. */
function arrivalAt(history: History, endpoint: string) {
  const arrival = history.arrivals.find((one) => one.endpoint === endpoint);
  if (arrival === undefined) throw new Error(`nothing arrived at ${endpoint}`);
  const replace = (by: Partial<typeof arrival>) =>
    history.arrivals.splice(history.arrivals.indexOf(arrival), 1, { ...arrival, ...by });
  return { arrival, replace };
}

test.each(['a', sink])(
  'an arrival at %s that no durable commit sent is leaked',
  async (endpoint) => {
    const history = rightHistory();
    history.arrive({ endpoint, messageId: 'stray', key: 'key 0', transaction: 'rolled-back' });
    const verdict = await verdictOf(history);
    expect(faultsOf(verdict)).toEqual({ leaked: 1 });
    expect(named(verdict)).toEqual([`I3 ${endpoint} stray`]);
    expect(verdict.firstViolations[0]?.what).toContain('transaction rolled-back');
  },
);

test('a message for one endpoint that arrives at another is leaked there', async () => {
  const history = rightHistory();
  const { arrival } = arrivalAt(history, 'b');
  history.arrivals.push({ ...arrival, endpoint: 'a' });
  expect(named(await verdictOf(history))).toEqual([`I3 a ${arrival.messageId}`]);
});

test('a message that was handled but never sent is leaked, with or without an arrival', async () => {
  const history = rightHistory();
  for (const sent of history.commit(
    { endpoint: 'a', messageId: 'unsent', key: 'key 0', transaction: null },
    [sink],
  )) {
    history.arrive(sent);
  }
  expect(named(await verdictOf(history))).toEqual(['I3 a unsent']);
});

test('a queued message that nobody sent is leaked, not pending', async () => {
  const history = rightHistory();
  history.pending.push({ endpoint: 'a', messageId: 'unsent', where: 'queued' });
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ leaked: 1 });
  expect(verdict.pending).toBe(0);
});

test('a message that stands in two commits is no outcome of exactly one', async () => {
  const history = rightHistory();
  const [first, second] = history.commits.filter(({ endpoint }) => endpoint === 'b');
  if (first === undefined || second === undefined) throw new Error('short');
  const outgoing = [...second.outgoing, ...first.outgoing];
  history.commits.splice(history.commits.indexOf(second), 1, { ...second, outgoing });
  const verdict = await verdictOf(history);
  expect(named(verdict)).toEqual([`I3 ${sink} ${first.outgoing[0]?.id}`]);
  expect(verdict.firstViolations[0]?.what).toMatch(/^2 sources for one message/);
});

test('an arrival that names another transaction than the committed one contradicts it', async () => {
  const history = rightHistory();
  const { arrival, replace } = arrivalAt(history, 'b');
  replace({ transaction: 'loser' });
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(named(verdict)).toEqual([`I4 b ${arrival.messageId}`]);
  expect(verdict.firstViolations[0]?.what).toContain('arrived as sent by transaction loser');
});

test.each(['a', 'b', sink])(
  'a body at %s that differs from the one sent contradicts it',
  async (endpoint) => {
    const history = rightHistory();
    const { arrival, replace } = arrivalAt(history, endpoint);
    replace({ hash: 'other' });
    expect(named(await verdictOf(history))).toEqual([`I4 ${endpoint} ${arrival.messageId}`]);
  },
);

test('one copy of many that differs is enough, and counts once', async () => {
  const history = rightHistory();
  const { arrival } = arrivalAt(history, 'b');
  const different = { ...arrival, hash: 'other' };
  history.arrivals.push(arrival, different, different);
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(verdict.redelivered).toBe(3);
});

test('an entered message that claims a transaction contradicts the log', async () => {
  const history = rightHistory();
  const { arrival, replace } = arrivalAt(history, 'a');
  replace({ transaction: 't00002' });
  expect(named(await verdictOf(history))).toEqual([`I4 a ${arrival.messageId}`]);
});

test.each(['a', 'b'])(
  'a copy at %s whose body was consumed already is judged by its transaction',
  async (at) => {
    const history = rightHistory();
    const { arrival } = arrivalAt(history, at);
    history.arrivals.push({ ...arrival, hash: unreadBody });
    expect(await verdictOf(history)).toMatchObject({ clean: true, redelivered: 1 });
    history.arrivals.push({ ...arrival, hash: unreadBody, transaction: 'loser' });
    expect(named(await verdictOf(history))).toEqual([`I4 ${at} ${arrival.messageId}`]);
  },
);
