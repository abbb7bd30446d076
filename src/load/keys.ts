/** Entity keys and their distribution. */
import type { LoadProfile } from '../profile/types.js';
import type { Random } from './random.js';

/** Draws the number of a key, 0 to count - 1. Uses one or two numbers of `random` for each. */
export function keyChooser(keys: LoadProfile['keys'], random: Random): () => number {
  const count = Math.max(1, Math.floor(keys.count));
  switch (keys.distribution) {
    case 'uniform':
      return () => random.integer(count);
    case 'hot':
      return () => {
        if (count === 1 || random.nextDouble() < keys.skew) return 0;
        return 1 + random.integer(count - 1);
      };
    case 'zipf': {
      const table = zipfTable(count, keys.skew);
      return () => firstAtLeast(table, random.nextDouble());
    }
  }
}

/** The name of a key, as handlers see it. */
export function keyName(number: number): string {
  return `key-${number}`;
}

/** Cumulative shares of the ranks 1, 1/2^s, 1/3^s, ...: 8 bytes for each key. */
function zipfTable(count: number, exponent: number): Float64Array {
  const table = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent;
    table[rank] = sum;
  }
  for (let rank = 0; rank < count; rank++) table[rank] = (table[rank] ?? 0) / sum;
  return table;
}

function firstAtLeast(table: Float64Array, value: number): number {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((table[middle] ?? 1) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
