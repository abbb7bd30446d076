import { expect, test } from 'vitest';
import { IdSource } from '../../src/engine/ids.js';
import { faultsOf, type History, named, rightHistory, sink, verdictOf } from './history.js';

/** The commits of entity `key 0` at `a`, in order: the messages 1 and 3 of `rightHistory`. */
function chainOf(history: History) {
  const chain = history.commits.filter(({ endpoint, key }) => endpoint === 'a' && key === 'key 0');
  const [first, second, third] = chain;
  if (first === undefined || second === undefined || third === undefined) throw new Error('short');
  return { first, second, third };
}

function replaced<T>(list: T[], old: T, by: Partial<T>): void {
  list.splice(list.indexOf(old), 1, { ...old, ...by });
}

test('copies of a message that were recognised are redeliveries, nothing else', async () => {
  const history = rightHistory();
  for (const arrival of history.arrivals.slice(0, 3)) history.arrivals.push(arrival, arrival);
  expect(await verdictOf(history)).toMatchObject({ clean: true, redelivered: 6, handled: 8 });
});

test('a message committed twice is doubled, though its chain is whole', async () => {
  const history = rightHistory();
  const message = history.enter('a', 'key 0');
  history.pass(message, ['a', 'b']);
  history.pass(message, ['a', 'b']);
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
  expect(named(verdict)).toEqual([`I2 a ${message.messageId}`]);
  expect(verdict.firstViolations[0]?.what).toMatch(/^applied 2 times: transactions t\d+, t\d+$/);
  expect(
    verdict.firstViolations[0]?.history.filter((line) => /^committed at a/.test(line)),
  ).toHaveLength(2);
});

test('how far apart the commits of a message were is told, for it may be its retention', async () => {
  const history = rightHistory();
  const message = history.enter('a', 'key 0');
  const ids = new IdSource();
  const at = Date.UTC(2026, 10, 25);
  for (const time of [at, at + 75_300]) {
    history.pass(message, ['a']);
    const last = history.commits.at(-1);
    if (last) replaced(history.commits, last, { transaction: ids.next(time) });
  }
  const { what = '' } = (await verdictOf(history)).firstViolations[0] ?? {};
  expect(what).toMatch(/^applied 2 times within 75\.3 s: transactions \w{26}, \w{26}$/);
});

test('one message id at two endpoints is two messages', async () => {
  const history = rightHistory();
  const message = history.enter('a', 'key 0');
  history.pass(message, ['a']);
  history.pass({ ...history.enter('b', 'key 0'), messageId: message.messageId }, ['b']);
  const [last] = history.entered.slice(-1);
  const [hash] = history.entered.slice(-2).map((entered) => entered.hash);
  if (last !== undefined)
    replaced(history.entered, last, { messageId: message.messageId, hash: hash ?? '' });
  expect(await verdictOf(history)).toMatchObject({ clean: true, accepted: 6, handled: 10 });
});

test('a commit record that was reported twice is one commit', async () => {
  const history = rightHistory();
  history.commits.push(...history.commits);
  expect(await verdictOf(history)).toMatchObject({ clean: true, handled: 8 });
});

test('records in any order make the same chain', async () => {
  const history = rightHistory(9);
  history.commits.reverse();
  expect(await verdictOf(history)).toMatchObject({ clean: true, handled: 18 });
});

test('two commits that follow the same one are a fork, named once', async () => {
  const history = rightHistory(6);
  const { first, third } = chainOf(history);
  replaced(history.commits, third, { previous: first.transaction, before: first.after });
  const verdict = await verdictOf(history, { deterministic: false });
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
  expect(verdict.firstViolations[0]?.what).toMatch(/^the chain of entity key%200 forks after/);
  expect(named(verdict)).toEqual([`I2 a ${third.messageId}`]);
});

test('two first commits of one entity are a fork', async () => {
  const history = rightHistory(6);
  const { second } = chainOf(history);
  replaced(history.commits, second, { previous: null, before: '' });
  const verdict = await verdictOf(history, { deterministic: false });
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
  expect(named(verdict)).toEqual([`I2 a ${second.messageId}`]);
});

test('copies of one message that raced each other are one double, not a fork as well', async () => {
  const history = rightHistory(6);
  const { third } = chainOf(history);
  const outgoing = [{ id: 'twin', endpoint: sink, hash: 'h' }];
  history.commits.push({ ...third, transaction: 'other', outgoing });
  history.arrivals.push({ endpoint: sink, messageId: 'twin', transaction: 'other', hash: 'h' });
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
  expect(named(verdict)).toEqual([`I2 a ${third.messageId}`]);
});

test('a chain that names a transaction nobody made has a gap', async () => {
  const history = rightHistory(6);
  const { second, third } = chainOf(history);
  replaced(history.commits, third, { previous: 'nobody' });
  const verdict = await verdictOf(history, { deterministic: false });
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
  expect(named(verdict)).toEqual([`I2 a ${third.messageId}`]);
  expect(second.messageId).not.toBe(third.messageId);
});

test('the chains of two endpoints do not answer for each other', async () => {
  const history = rightHistory(6);
  const { third } = chainOf(history);
  const elsewhere = history.commits.find(
    ({ endpoint, key }) => endpoint === 'b' && key === 'key 0',
  );
  replaced(history.commits, third, { previous: elsewhere?.transaction ?? '' });
  const verdict = await verdictOf(history, { deterministic: false });
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
});

test.each([0, -1])('a version that does not rise (by %i) is named', async (rise) => {
  const history = rightHistory(6);
  const { second, third } = chainOf(history);
  replaced(history.commits, third, { version: second.version + rise });
  const verdict = await verdictOf(history, { deterministic: false });
  expect(faultsOf(verdict)).toEqual({ doubled: 1 });
  expect(named(verdict)).toEqual([`I2 a ${third.messageId}`]);
});

test('a ring of commits without a start is seen by its versions', async () => {
  const history = rightHistory(6);
  const { first, third } = chainOf(history);
  replaced(history.commits, first, { previous: third.transaction, before: third.after });
  const verdict = await verdictOf(history, { deterministic: false });
  expect(verdict.doubled).toBe(1);
  expect(named(verdict)).toContain(`I2 a ${first.messageId}`);
});

test('one transaction with two contents is two commits', async () => {
  const history = rightHistory(6);
  const { third } = chainOf(history);
  history.commits.push({ ...third, version: third.version + 1 });
  const verdict = await verdictOf(history);
  expect(verdict.doubled).toBe(1);
  expect(named(verdict)).toContain(`I2 a ${third.messageId}`);
});
