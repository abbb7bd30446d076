/**
 * Durations, rates, sizes and shares as people write them. Every parser answers in one base unit
 * (ms, per second, bytes, a fraction) or `null`; a number without its unit is never guessed at.
 */
export type QuantityKind = 'duration' | 'rate' | 'size' | 'share';

interface Unit {
  readonly name: string;
  /** One of it in the base unit, as a ratio so that 1us and 1/min stay exact. */
  readonly times: number;
  readonly over: number;
}

const durationUnits: readonly Unit[] = [
  { name: 'd', times: 86_400_000, over: 1 },
  { name: 'h', times: 3_600_000, over: 1 },
  { name: 'm', times: 60_000, over: 1 },
  { name: 's', times: 1000, over: 1 },
  { name: 'ms', times: 1, over: 1 },
  { name: 'us', times: 1, over: 1000 },
];

const sizeUnits: readonly Unit[] = [
  { name: 'TiB', times: 1024 ** 4, over: 1 },
  { name: 'TB', times: 1000 ** 4, over: 1 },
  { name: 'GiB', times: 1024 ** 3, over: 1 },
  { name: 'GB', times: 1000 ** 3, over: 1 },
  { name: 'MiB', times: 1024 ** 2, over: 1 },
  { name: 'MB', times: 1000 ** 2, over: 1 },
  { name: 'KiB', times: 1024, over: 1 },
  { name: 'kB', times: 1000, over: 1 },
  { name: 'B', times: 1, over: 1 },
];

const perUnit: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

const durationPart = /(\d+(?:\.\d+)?) *(us|ms|s|min|m|h|d) */gy;

/** Milliseconds of `30s`, `1m30s`, `500ms`, `7d`; `null` unless units come once each, longest first. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  let total = 0;
  let rank = -1;
  let end = 0;
  for (const [part, amount, unit] of trimmed.matchAll(durationPart)) {
    const next = durationUnits.findIndex(({ name }) => name === (unit === 'min' ? 'm' : unit));
    const found = durationUnits[next];
    if (found === undefined || next <= rank) return null;
    total += (Number(amount) * found.times) / found.over;
    rank = next;
    end += part.length;
  }
  return end === trimmed.length && Number.isFinite(total) ? total : null;
}

/** Messages per second of `50/s`, `3000/min`, `90/h`. */
export function parseRate(text: string): number | null {
  const [, amount, per] = /^ *(\d+(?:\.\d+)?) *\/ *(s|min|m|h) *$/.exec(text) ?? [];
  const seconds = perUnit[per ?? ''];
  return seconds === undefined ? null : Number(amount) / seconds;
}

/** Whole bytes of `200B`, `1KiB` (1024) and `1kB` (1000). */
export function parseSize(text: string): number | null {
  const [, amount, name] = /^ *(\d+(?:\.\d+)?) *([kKMGT]?i?B) *$/.exec(text) ?? [];
  const unit = sizeUnits.find((candidate) => candidate.name === name);
  if (unit === undefined) return null;
  const bytes = Number(amount) * unit.times;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The fraction 0.01 of `1 %`, `1%` and `0.01`. More than the whole is the caller's to refuse. */
export function parseShare(text: string): number | null {
  const [, amount, percent] = /^ *(\d+(?:\.\d+)?) *(%?) *$/.exec(text) ?? [];
  if (amount === undefined) return null;
  return percent === '%' ? Number(amount) / 100 : Number(amount);
}

const parsers: Readonly<Record<QuantityKind, (text: string) => number | null>> = {
  duration: parseDuration,
  rate: parseRate,
  size: parseSize,
  share: parseShare,
};

/** What a value of this kind looks like: the end of "expected ...". */
export const quantityExamples: Readonly<Record<QuantityKind, string>> = {
  duration: 'a duration such as 30s, 1m30s or 500ms',
  rate: 'a rate such as 50/s or 3000/min',
  size: 'a size such as 200B, 1KiB or 8GiB',
  share: 'a share such as 1 % or 0.01',
};

/** Any quantity in its base unit. A number is taken for a share only; the others carry their unit. */
export function parseQuantity(kind: QuantityKind, value: string | number): number | null {
  if (typeof value === 'string') return parsers[kind](value);
  return kind === 'share' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** `90000` ms as `1m30s`: the text that `parseDuration` reads back, exact to the microsecond. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms * 1000);
  if (rest === 0) return '0s';
  let text = '';
  for (const { name, times, over } of durationUnits) {
    const one = (times * 1000) / over;
    const amount = Math.floor(rest / one);
    if (amount > 0) text += `${amount}${name}`;
    rest -= amount * one;
  }
  return text;
}

/** Per second, or per minute or hour where that is a whole number and per second is not. */
export function formatRate(perSecond: number): string {
  for (const [per, seconds] of [
    ['s', 1],
    ['min', 60],
    ['h', 3600],
  ] as const) {
    const amount = perSecond * seconds;
    if (Number.isInteger(amount)) return `${amount}/${per}`;
  }
  return `${Number(perSecond.toPrecision(6))}/s`;
}

/** The longest binary unit that divides it: `1KiB`, `8GiB`, `200B`. */
export function formatSize(bytes: number): string {
  const unit = sizeUnits.find(
    ({ name, times }) =>
      /i?B$/.test(name) && name !== 'B' && name.includes('i') && bytes > 0 && bytes % times === 0,
  );
  return unit === undefined ? `${bytes}B` : `${bytes / unit.times}${unit.name}`;
}
