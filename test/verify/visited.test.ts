/** The set of visited states, beside a Map of texts: what it says, and that it gives back what it took. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowTable } from '../../src/verify/row-table.js';
import { Visited } from '../../src/verify/visited.js';

/** Numbers that come again, and some of all 32 bits. */
const word = fc.oneof(
  { weight: 8, arbitrary: fc.nat(3) },
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);
const groups = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(4))
  .map(([queue, more, rest]) => ({
    queue,
    programs: queue + more,
    width: queue + more + 1 + rest,
  }));

/** Numbers rows as they come, by their text. */
class Reference {
  readonly byText = new Map<string, number>();

  add(row: readonly number[]): number {
    const text = row.join();
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    this.byText.set(text, this.byText.size);
    return this.byText.size - 1;
  }
}

it('numbers rows as a Map of texts does, and reads them back', () => {
  const someRows = groups.chain((split) =>
    fc.tuple(
      fc.constant(split),
      fc.array(fc.array(word, { minLength: split.width, maxLength: split.width }), {
        maxLength: 300,
      }),
    ),
  );
  fc.assert(
    fc.property(someRows, ([split, rows]) => {
      const visited = new Visited(split);
      const reference = new Reference();
      for (const row of rows) {
        expect(visited.add(Uint32Array.from(row))).toBe(reference.add(row));
        expect(visited.size).toBe(reference.byText.size);
      }
      const into = new Uint32Array(split.width);
      for (const [text, index] of reference.byText) {
        visited.read(index, into);
        expect(into.join()).toBe(text);
      }
    }),
  );
});

it('grows over several chunks and all its segments, and finds every row again', () => {
  const count = 300_000;
  const table = new RowTable(3);
  const row = new Uint32Array(5);
  const rowOf = (index: number) => {
    row[1] = index % 7;
    row[2] = Math.imul(index, 0x9e3779b1);
    row[3] = index >>> 10;
    return row;
  };
  let wrong = 0;
  for (let again = 0; again < 2; again++) {
    for (let index = 0; index < count; index++) {
      if (table.add(rowOf(index), 1) !== index) wrong++;
    }
  }
  expect(wrong).toBe(0);
  expect(table.size).toBe(count);
  const into = new Uint32Array(4);
  table.read(123_456, into, 1);
  expect([...into]).toEqual([0, ...rowOf(123_456).subarray(1, 4)]);
});

it('keeps apart what differs in one word of one group', () => {
  const visited = new Visited({ queue: 2, programs: 4, width: 6 });
  const row = new Uint32Array(6);
  expect(visited.add(row)).toBe(0);
  for (let at = 0; at < 6; at++) {
    const other = row.slice();
    other[at] = 1;
    expect(visited.add(other)).toBe(at + 1);
  }
  expect(visited.size).toBe(7);
});
