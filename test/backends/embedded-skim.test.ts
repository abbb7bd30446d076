import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { expect, it } from 'vitest';
import { pack } from '../../src/backends/embedded/records.js';
import {
  fieldAt,
  fieldName,
  liesAt,
  numberAt,
  skip,
  textAt,
} from '../../src/backends/embedded/skim.js';

const names = fc.string({ minLength: 1, maxLength: 7, unit: 'grapheme-ascii' });

/** Whatever a record of ours may hold, short and long. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 20, max: 70_000 }).map((length) => 'ä'.repeat(length)),
      fc.uint8Array(),
      fc.integer({ min: 200, max: 70_000 }).map((length) => new Uint8Array(length)),
    ),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(names, tie('value'), { maxKeys: 20 }),
  ),
}));

it('skips exactly what was packed, whatever lies behind it', () => {
  fc.assert(
    fc.property(value, value, (first, second) => {
      const [one, two] = [pack(first), pack(second)];
      const bytes = Buffer.concat([one, two]);
      expect(skip(bytes, 0)).toBe(one.length);
      expect(skip(bytes, one.length)).toBe(bytes.length);
    }),
  );
});

it('finds every field of a map by its name, and no other', () => {
  fc.assert(
    fc.property(fc.dictionary(names, value, { maxKeys: 20 }), names, (map, other) => {
      const bytes = pack(map);
      for (const [name, field] of Object.entries(map)) {
        const at = fieldAt(bytes, 0, fieldName(name));
        expect(liesAt(bytes, at, pack(field)), name).toBe(true);
      }
      if (!Object.hasOwn(map, other)) expect(fieldAt(bytes, 0, fieldName(other))).toBe(-1);
    }),
  );
});

it('reads numbers of every size and texts of every length as they were packed', () => {
  const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(number, (one) => {
      // MessagePack has no -0 among its integers.
      expect(numberAt(pack(one), 0)).toBe(one + 0);
    }),
  );
  const lengths = fc.integer({ min: 0, max: 70_000 });
  fc.assert(
    fc.property(lengths, (length) => {
      const bytes = pack('x'.repeat(length));
      expect(textAt(bytes, 0)).toEqual({ start: bytes.length - length, end: bytes.length });
    }),
  );
  expect(numberAt(pack(null), 0)).toBeNaN();
  expect(textAt(pack(7), 0)).toEqual({ start: 0, end: 0 });
});

it('refuses what is no record of ours instead of reading on', () => {
  const extension = new Packr({ moreTypes: true }).pack(new Set([1]));
  expect(() => skip(extension, 0)).toThrow(/no MessagePack of ours/);
});
