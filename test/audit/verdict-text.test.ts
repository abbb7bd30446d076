import { expect, test } from 'vitest';
import { verdictText } from '../../src/audit/verdict-text.js';
import { rightHistory, verdictOf } from './history.js';

test('a clean audit says what it saw', async () => {
  const verdict = await verdictOf(rightHistory());
  expect(verdictText({ ...verdict, handled: 45_000, redelivered: 118 })).toBe(
    'audit clean: 45,000 handled, nothing lost, applied twice or leaked; 118 redelivered',
  );
  expect(verdictText({ ...verdict, pending: 2, deadLettered: 3, orphans: 1 })).toBe(
    'audit clean: 8 handled, nothing lost, applied twice or leaked; ' +
      '2 pending, 3 dead-lettered, 1 orphaned payloads',
  );
});

test('a run cut short claims nothing about losses', async () => {
  const verdict = await verdictOf(rightHistory(), { aborted: true });
  expect(verdictText(verdict)).toBe(
    'audit clean: 8 handled, nothing applied twice or leaked; cut short, so losses are undecided',
  );
});

test('a violated audit says first what is wrong', async () => {
  const verdict = await verdictOf(rightHistory());
  const violated = { ...verdict, clean: false, lost: 1200, doubled: 3, unbounded: 1 };
  expect(verdictText(violated)).toBe(
    'audit VIOLATED: 1,200 lost, 3 applied twice, 1 left behind; 8 handled',
  );
  const others = { ...verdict, clean: false, leaked: 1, contradicting: 2, redelivered: 5 };
  expect(verdictText(others)).toBe(
    'audit VIOLATED: 1 leaked, 2 contradicting; 8 handled; 5 redelivered',
  );
});

test('a run without an audit says so', () => {
  expect(verdictText(null)).toBe('not audited');
});
