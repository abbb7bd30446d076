import { expect, test } from 'vitest';
import { unreadBody } from '../../src/audit/lines.js';
import { faultsOf, History, named, rightHistory, sink, verdictOf } from './history.js';

test('a history in which every message came through is clean, with its numbers', async () => {
  const verdict = await verdictOf(rightHistory(4));
  expect(verdict).toEqual({
    clean: true,
    lossDecided: true,
    accepted: 4,
    unknown: 0,
    handled: 8,
    lost: 0,
    pending: 0,
    doubled: 0,
    leaked: 0,
    contradicting: 0,
    unbounded: 0,
    redelivered: 0,
    deadLettered: 0,
    discarded: 0,
    orphans: 0,
    firstViolations: [],
  });
});

test('an accepted message without a commit is lost, and named with its history', async () => {
  const history = rightHistory();
  const lost = history.enter('a', 'key 0');
  history.arrive(lost);
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ lost: 1 });
  expect(named(verdict)).toEqual([`I1 a ${lost.messageId}`]);
  expect(verdict.firstViolations[0]?.history).toEqual([
    expect.stringMatching(/^entered at a, accepted: entity key 0, .*\(entered-w0.tsv:3\)$/),
    expect.stringMatching(/^arrived at a: entered, .*\(arrivals-w0.tsv:7\)$/),
  ]);
});

test('a committed outgoing message that nobody handled is lost', async () => {
  const history = rightHistory();
  const [sent] = history.commit(history.enter('a', 'key 0'), ['b']);
  expect(named(await verdictOf(history))).toEqual([`I1 b ${sent?.messageId}`]);
});

test('an outgoing message that never came to the sink is lost, and one that came is not', async () => {
  const history = rightHistory();
  const sent = history.commit(history.enter('a', 'key 0'), [sink, sink]);
  for (const message of sent.slice(1)) history.arrive(message);
  expect(named(await verdictOf(history))).toEqual([`I1 ${sink} ${sent[0]?.messageId}`]);
});

test('a message that came to the sink only after its body was gone is lost', async () => {
  const history = rightHistory();
  const sent = history.commit(history.enter('a', 'key 0'), [sink, sink]);
  for (const message of sent) history.arrive(message);
  const [consumed, lost] = history.arrivals.splice(-2);
  if (consumed === undefined || lost === undefined) throw new Error('nothing arrived');
  history.arrivals.push(consumed, { ...consumed, hash: unreadBody }, { ...lost, hash: unreadBody });
  const verdict = await verdictOf(history);
  expect(named(verdict)).toEqual([`I1 ${sink} ${lost.messageId}`]);
  expect(verdict.firstViolations[0]?.what).toContain('arrived without its body in sink');
});

test('an arrival at an endpoint that is no sink is no end', async () => {
  const history = rightHistory(4, ['a']);
  const verdict = await verdictOf(history, { sinks: [] });
  expect(faultsOf(verdict)).toEqual({ lost: 4 });
});

test('a send of unknown outcome may have been handled once or not at all', async () => {
  const history = rightHistory();
  history.enter('a', 'key 0', 'unknown');
  history.pass(history.enter('a', 'key 1', 'unknown'), ['a', 'b']);
  const verdict = await verdictOf(history);
  expect(verdict).toMatchObject({ clean: true, accepted: 4, unknown: 2, handled: 10 });
});

test.each([
  ['accepted', 'unknown'],
  ['unknown', 'accepted'],
] as const)(
  'a message logged as %s and as %s was accepted: it must not be lost',
  async (...both) => {
    const history = rightHistory();
    const { messageId } = history.enter('a', 'key 0', both[0]);
    const [entered] = history.entered.slice(-1);
    if (entered !== undefined) history.entered.push({ ...entered, outcome: both[1] });
    // Whichever worker's file is read first.
    history.entered.unshift(...history.entered.splice(-2));
    const verdict = await verdictOf(history);
    expect(verdict).toMatchObject({ accepted: 5, unknown: 0, lost: 1 });
    expect(named(verdict)).toEqual([`I1 a ${messageId}`]);
  },
);

test('a message with a dead copy and a queued one is one dead letter, pending once', async () => {
  const history = rightHistory();
  const ids = [history.enter('a', 'key 0').messageId, history.enter('a', 'key 1').messageId];
  for (const [index, messageId] of ids.entries()) {
    const rows = ['queued', 'dead'] as const;
    for (const where of index === 0 ? rows : rows.toReversed()) {
      history.pending.push({ endpoint: 'a', messageId, where });
    }
  }
  expect(await verdictOf(history)).toMatchObject({ clean: true, pending: 2, deadLettered: 2 });
});

test.each(['queued', 'dead'] as const)('a message still %s is pending, not lost', async (where) => {
  const history = rightHistory();
  const { messageId } = history.enter('a', 'key 0');
  history.pending.push({ endpoint: 'a', messageId, where });
  const verdict = await verdictOf(history);
  const deadLettered = where === 'dead' ? 1 : 0;
  expect(verdict).toMatchObject({ clean: true, pending: 1, deadLettered });
});

test('a dead copy of a message that was handled and sent on is not pending', async () => {
  const history = rightHistory();
  const [entered] = history.entered;
  const messageId = entered?.messageId ?? '';
  history.pending.push({ endpoint: 'a', messageId, where: 'dead' });
  const verdict = await verdictOf(history);
  expect(verdict).toMatchObject({ clean: true, pending: 0, deadLettered: 1 });
});

test('what a pending message committed but did not send on yet is pending with it', async () => {
  const history = rightHistory();
  const stuck = history.enter('a', 'key 0');
  history.commit(stuck, ['b', 'b']);
  history.pending.push({ endpoint: 'a', messageId: stuck.messageId, where: 'dead' });
  const verdict = await verdictOf(history);
  expect(verdict).toMatchObject({ clean: true, lost: 0, pending: 2 });
});

test('the same message pending at another endpoint excuses nothing', async () => {
  const history = rightHistory();
  const stuck = history.enter('a', 'key 0');
  const [sent] = history.commit(stuck, ['b']);
  history.pending.push({ endpoint: 'b', messageId: stuck.messageId, where: 'queued' });
  const verdict = await verdictOf(history);
  expect(named(verdict)).toEqual([`I1 b ${sent?.messageId}`, `I3 b ${stuck.messageId}`]);
});

test('a message that an operator discarded is not lost', async () => {
  const history = rightHistory();
  const { messageId } = history.enter('a', 'key 0');
  history.injected.push({ endpoint: 'a', messageId, what: 'discarded' });
  expect(await verdictOf(history)).toMatchObject({ clean: true, pending: 0 });
});

test('a message that was discarded and put back is lost like any other', async () => {
  const history = rightHistory();
  const { messageId } = history.enter('a', 'key 0');
  const line = (what: 'discarded' | 'restored') => ({ endpoint: 'a', messageId, what });
  history.injected.push(line('discarded'), line('restored'));
  expect(faultsOf(await verdictOf(history))).toEqual({ lost: 1 });
  history.injected.push(line('discarded'));
  expect(await verdictOf(history)).toMatchObject({ clean: true, discarded: 1 });
});

test('a message that was to be discarded and is still there is pending', async () => {
  const history = rightHistory();
  const { messageId } = history.enter('a', 'key 0');
  history.injected.push({ endpoint: 'a', messageId, what: 'discarded' });
  history.pending.push({ endpoint: 'a', messageId, where: 'dead' });
  expect(await verdictOf(history)).toMatchObject({ clean: true, pending: 1, discarded: 0 });
});

test('a duplicate that a fault injected excuses no loss', async () => {
  const history = rightHistory();
  const { messageId } = history.enter('a', 'key 0');
  history.injected.push({ endpoint: 'a', messageId, what: 'duplicate' });
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ lost: 1 });
  expect(verdict.firstViolations[0]?.history[1]).toMatch(/^delivered once more by a fault at a/);
});

test('a run that was cut short leaves loss undecided and judges the rest', async () => {
  const history = rightHistory();
  history.enter('a', 'key 0');
  history.commit(history.enter('a', 'key 1'), ['b']);
  expect(await verdictOf(history, { aborted: true })).toMatchObject({
    clean: true,
    lossDecided: false,
    lost: 0,
  });
  history.arrive({ messageId: 'stray', endpoint: 'b', key: 'key 1', transaction: 'never' });
  const verdict = await verdictOf(history, { aborted: true });
  expect(faultsOf(verdict)).toEqual({ leaked: 1 });
});

test('a loss and a double that cancel in the counts are both found', async () => {
  const history = new History();
  const chain = ['a', 'b'];
  const kept = history.enter('a', 'key 0');
  const lost = history.enter('a', 'key 0');
  history.pass(kept, chain);
  history.pass(kept, chain);
  const verdict = await verdictOf(history);
  expect(verdict).toMatchObject({ accepted: 2, handled: 4, lost: 1, doubled: 1 });
  expect(named(verdict)).toEqual([`I1 a ${lost.messageId}`, `I2 a ${kept.messageId}`]);
});
