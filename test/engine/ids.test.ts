import { expect, it } from 'vitest';
import { encode, IdSource, idTime } from '../../src/engine/ids.js';

const someTime = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

it('makes ids of 26 characters that rise strictly, also within one millisecond', () => {
  const ids = new IdSource();
  const made = Array.from({ length: 50_000 }, () => ids.next(someTime));
  expect(made.every((id) => id.length === 26)).toBe(true);
  expect(new Set(made).size).toBe(made.length);
  expect([...made].sort()).toEqual(made);
});

it('goes on rising when the clock is set back', () => {
  const ids = new IdSource();
  const made = [someTime, someTime - 3_600_000, someTime + 1, someTime - 1].map((now) =>
    ids.next(now),
  );
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

it('sorts ids of several processes by their time', () => {
  const [one, other] = [new IdSource(), new IdSource()];
  const made = [0, 1, 2, 1_000, 2_000_000].map((later, index) =>
    (index % 2 === 0 ? one : other).next(someTime + later),
  );
  expect([...made].sort()).toEqual(made);
});

it('makes different ids in two processes in the same millisecond', () => {
  expect(new IdSource().next(someTime)).not.toBe(new IdSource().next(someTime));
});

it('tells the millisecond of an id', () => {
  expect(idTime(new IdSource().next(someTime + 0.75))).toBe(someTime);
});

it.each(['', 'short', 'U'.repeat(26), '0'.repeat(27)])('knows no time of %j', (text) => {
  expect(idTime(text)).toBe(0);
});

it('keeps the order of numbers in their text', () => {
  const numbers = [0, 1, 31, 32, 1023, 1024, 32 ** 6 - 1];
  const texts = numbers.map((number) => encode(number, 6));
  expect([...texts].sort()).toEqual(texts);
});
