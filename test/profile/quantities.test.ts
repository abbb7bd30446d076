import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatRate,
  formatSize,
  parseDuration,
  parseQuantity,
  parseRate,
  parseShare,
  parseSize,
  type QuantityKind,
} from '../../src/profile/quantities.js';
import { readSchema } from '../../src/profile/schema.js';

const milliseconds = fc.integer({ min: 0, max: 400 * 86_400_000 });

describe('durations', () => {
  test('any formatted duration is read back as the same one', () => {
    const exact = (ms: number) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    };
    fc.assert(fc.property(milliseconds, exact));
  });

  test('parts add up, whatever blanks stand between them', () => {
    const part = fc.nat(999);
    const blank = fc.constantFrom('', ' ', '  ');
    fc.assert(
      fc.property(part, part, part, blank, (minutes, seconds, ms, gap) => {
        const text = `${gap}${minutes}m${gap}${seconds}${gap}s${gap}${ms}ms${gap}`;
        expect(parseDuration(text)).toBe(minutes * 60_000 + seconds * 1000 + ms);
      }),
    );
  });

  test.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2 min', 120_000],
    ['250us', 0.25],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '30', 's', '30 sec', '-1s', '+1s', '1s1m', '1s 1s', '1e3s', '1,5s', '1s!', '.5s'])(
    '"%s" is none',
    (text) => expect(parseDuration(text)).toBeNull(),
  );
});

describe('rates', () => {
  test('per minute and per hour are parts of per second', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (amount) => {
        expect(parseRate(`${amount}/s`)).toBe(amount);
        expect(parseRate(`${amount}/min`)).toBeCloseTo(amount / 60, 9);
        expect(parseRate(`${amount} / h`)).toBeCloseTo(amount / 3600, 9);
      }),
    );
  });

  test('a formatted whole rate is read back as the same one', () => {
    fc.assert(
      fc.property(fc.nat(1e9), (rate) => {
        expect(parseRate(formatRate(rate))).toBe(rate);
      }),
    );
  });

  test('a rate is shown by the minute where that is a whole number', () => {
    expect(formatRate(0.5)).toBe('30/min');
  });

  test.each(['50', '50/', '/s', '-1/s', '50/d', '50 per s'])('"%s" is none', (text) =>
    expect(parseRate(text)).toBeNull(),
  );
});

describe('sizes', () => {
  test('any formatted size is read back as the same one', () => {
    const exact = (bytes: number) => {
      expect(parseSize(formatSize(bytes))).toBe(bytes);
    };
    fc.assert(fc.property(fc.maxSafeNat(), exact));
    fc.assert(fc.property(fc.nat(1000), fc.constantFrom(10, 20, 30), (n, p) => exact(n * 2 ** p)));
  });

  test.each([
    ['200B', 200],
    ['1KiB', 1024],
    ['1kB', 1000],
    ['1.5 MiB', 1_572_864],
    ['8GiB', 8_589_934_592],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['200', '1K', '1kib', '0.3B', '-1B', '9999999TiB'])('"%s" is none', (text) =>
    expect(parseSize(text)).toBeNull(),
  );
});

describe('shares', () => {
  test('a percentage is a hundredth', () => {
    fc.assert(
      fc.property(fc.nat(100), (percent) => {
        expect(parseShare(`${percent} %`)).toBe(percent / 100);
        expect(parseShare(`${percent}%`)).toBe(percent / 100);
        expect(parseShare(String(percent / 100))).toBe(percent / 100);
      }),
    );
  });

  test('only a share may be a number without a unit', () => {
    expect(parseQuantity('share', 0.01)).toBe(0.01);
    expect(parseQuantity('share', Number.NaN)).toBeNull();
    expect(parseQuantity('duration', 30)).toBeNull();
  });
});

describe('the patterns that editors check', async () => {
  const { definitions } = await readSchema();
  const texts = fc.stringMatching(
    /^ ?\d{1,3}(\.\d)? ?(us|ms|s|min|m|h|d|\/ ?s|\/min|B|KiB|%|x)? ?$/,
  );

  test.each(['duration', 'rate', 'size', 'share'] as const)('accept what is a %s', (kind) => {
    const pattern = new RegExp(definitions?.[kind]?.pattern ?? '(?!)');
    fc.assert(
      fc.property(texts, (text) => {
        if (parseQuantity(kind satisfies QuantityKind, text) === null) return;
        expect(text).toMatch(pattern);
      }),
    );
  });

  test('a pattern refuses what stands for something else', () => {
    expect('50/s').not.toMatch(new RegExp(definitions?.duration?.pattern ?? ''));
    expect('30s').not.toMatch(new RegExp(definitions?.rate?.pattern ?? ''));
  });
});
