/** How fast and how carefully a plan is applied, from the flags that say it. */
import { OncectlError } from '../../engine/errors.js';
import { parseRate, parseShare } from '../../profile/quantities.js';

export interface Waves {
  readonly canary: readonly number[];
  readonly ratePerSecond: number | null;
  readonly stopOn: number | null;
}

export interface WaveFlags {
  readonly canary: string | undefined;
  readonly rate: string | undefined;
  readonly stopOn: string | undefined;
}

/** Refuses (`usage`, naming the flag) what cannot be read. */
export function wavesOf({ canary, rate, stopOn }: WaveFlags): Waves {
  return {
    canary: canary === undefined ? [] : canary.split(',').map(waveSize),
    ratePerSecond: rate === undefined ? null : orRefuse('--rate', rate, parseRate(rate), '50/s'),
    stopOn: stopOn === undefined ? null : orRefuse('--stop-on', stopOn, parseShare(stopOn), '1%'),
  };
}

function waveSize(text: string): number {
  const size = /^ *\d+ *$/.test(text) ? Number(text) : 0;
  return orRefuse('--canary', text, size > 0 ? size : null, '1,10,100');
}

function orRefuse(flag: string, text: string, value: number | null, example: string): number {
  if (value !== null && value >= 0 && !(flag === '--rate' && value === 0)) return value;
  throw new OncectlError('usage', `"${text}" cannot be read`, {
    about: flag,
    hint: `for example ${flag} ${example}`,
  });
}
