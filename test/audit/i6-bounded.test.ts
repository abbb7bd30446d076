import { expect, test } from 'vitest';
import { faultsOf, nothingLeft, rightHistory, verdictOf } from './history.js';

test.each([
  'entries',
  'overdueEntries',
  'slots',
  'registrations',
  'overdueDedupeRecords',
  'payloads',
])('%s left behind after the drain are unbounded', async (name) => {
  const history = rightHistory();
  history.leftovers = { ...nothingLeft, [name]: 3 };
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ unbounded: 3 });
  expect(verdict.firstViolations[0]?.what).toMatch(/^left behind .*: 3 /);
});

test('records and dispatched entries within their retention are not left behind', async () => {
  const history = rightHistory();
  history.leftovers = { ...nothingLeft, dispatchedEntries: 8, dedupeRecords: 8 };
  expect(await verdictOf(history)).toMatchObject({ clean: true });
});

test('orphans are counted apart from live payloads', async () => {
  const history = rightHistory();
  history.leftovers = { ...nothingLeft, payloads: 2, orphans: 2 };
  expect(await verdictOf(history)).toMatchObject({ clean: true, orphans: 2 });
  history.leftovers = { ...nothingLeft, payloads: 3, orphans: 2 };
  expect(await verdictOf(history)).toMatchObject({ unbounded: 1, orphans: 2 });
});

test('a pending message may keep its token and its entry, not more', async () => {
  const history = rightHistory();
  const { messageId } = history.enter('a', 'key 0');
  history.pending.push({ endpoint: 'a', messageId, where: 'dead' });
  history.leftovers = { ...nothingLeft, payloads: 1, entries: 1, registrations: 5 };
  expect(await verdictOf(history)).toMatchObject({ clean: true, pending: 1 });
  history.leftovers = { ...nothingLeft, payloads: 2, entries: 3 };
  expect(await verdictOf(history)).toMatchObject({ clean: false, unbounded: 3 });
});

test('a pending message may keep a payload for each message that it is still to send', async () => {
  const history = rightHistory();
  const stuck = history.enter('a', 'key 0');
  history.commit(stuck, ['b', 'b']);
  history.pending.push({ endpoint: 'a', messageId: stuck.messageId, where: 'queued' });
  history.leftovers = { ...nothingLeft, payloads: 3, entries: 1 };
  expect(await verdictOf(history)).toMatchObject({ clean: true, pending: 2 });
  history.leftovers = { ...nothingLeft, payloads: 4, entries: 1 };
  expect(await verdictOf(history)).toMatchObject({ unbounded: 1 });
});

test('before the drain, and in a run that was cut short, nothing is left behind yet', async () => {
  const history = rightHistory();
  history.leftovers = { ...nothingLeft, entries: 3, drained: false };
  expect(await verdictOf(history)).toMatchObject({ clean: true });
  history.leftovers = { ...nothingLeft, entries: 3 };
  expect(await verdictOf(history, { aborted: true })).toMatchObject({ clean: true });
  history.leftovers = null;
  expect(await verdictOf(history, { aborted: true })).toMatchObject({ clean: true });
});
