/** Numbers as people read them. Units are in the names; nothing here rounds a value to zero. */

/** 30,759 */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Per second: 750.2, 12,044 from ten thousand on. */
export function formatRate(perSecond: number): string {
  return perSecond >= 10_000 ? formatCount(perSecond) : fixed(perSecond, 1);
}

/** Microseconds as milliseconds: 0.31, 9.1, 840. */
export function formatMs(microseconds: number): string {
  const ms = microseconds / 1000;
  if (ms < 10) return fixed(ms, 2);
  return ms < 100 ? fixed(ms, 1) : formatCount(ms);
}

/** 00:41, 1:02:03 */
export function formatClock(milliseconds: number): string {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const pair = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(all / 3600);
  const rest = `${pair(Math.floor(all / 60) % 60)}:${pair(all % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** 850 ms, 19 s, 4m05s */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${fixed(seconds, 1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}

/** 1.5 MiB */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : fixed(value, 1)} ${units[unit]}`;
}

/** A share of one core: 0.61 is 61 % */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "1 kill", "3 kills" */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export function fixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
