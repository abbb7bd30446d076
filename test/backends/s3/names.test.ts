import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePart, encodePart, Names } from '../../../src/backends/aws/s3/names.js';
import { refusal } from '../../conformance/fixtures.js';

/** Well-formed strings of any characters, short and long, and those that look like encoded ones. */
const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('!', '-', 'a', 'A', '2', '/', '.', ' ', 'é'), maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodePart(text)),
);

describe('a part of a name', () => {
  it('is the same for no two strings', () => {
    fc.assert(
      fc.property(part, part, (one, other) => {
        expect(encodePart(one) === encodePart(other)).toBe(one === other);
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds only characters that every S3 takes, is not empty, and is not too long', () => {
    fc.assert(
      fc.property(part, (text) => {
        expect(encodePart(text)).toMatch(/^[\w!-]{1,180}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says what it was made of, unless it is a hash', () => {
    fc.assert(
      fc.property(part, (text) => {
        const encoded = encodePart(text);
        expect(decodePart(encoded)).toBe(encoded.startsWith('!!') ? null : text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is of nobody when it is none of ours', () => {
    for (const foreign of ['a b', 'ä', '!zz', '!e', '!ff', 'a.b']) {
      expect(decodePart(foreign)).toBeNull();
    }
  });
});

describe('names under a prefix', () => {
  it('stay within 1,024 bytes, whatever the parts', () => {
    const names = new Names('p'.repeat(200));
    const long = '🔑'.repeat(300);
    const all = [
      names.entity(long, long),
      names.dedupe(long, long),
      names.payload('é'.repeat(100)),
    ];
    for (const name of all) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1024);
  });

  it('refuse a prefix that is too long, or whose ends are slashes', async () => {
    for (const prefix of ['p'.repeat(201), '/a', 'a/']) {
      const error = await refusal(Promise.resolve().then(() => new Names(prefix)));
      expect(error.kind).toBe('profile');
    }
  });
});
