/**
 * Keys. Every item is found by `endpoint/rest`, whole and as it is: DynamoDB compares the bytes of
 * UTF-8, folds nothing and takes 2,048 of them. Endpoint names hold no slash, so the first one ends
 * the name.
 */
import { hash } from 'node:crypto';
import { checkKeyText } from '../../../engine/key-text.js';

/** As in the other stores, so that a profile can move; the rest of 2,048 is the endpoint's name. */
const longestKeyBytes = 1500;

/**
 * The index of what is pending has so many partitions for an endpoint, since one takes 1,000 writes a
 * second and every message makes two.
 */
export const shards = 4;

export function keyOf(endpoint: string, rest: string): string {
  return `${endpoint}/${rest}`;
}

export function splitKey(key: string): { readonly endpoint: string; readonly rest: string } {
  const slash = key.indexOf('/');
  return { endpoint: key.slice(0, slash), rest: key.slice(slash + 1) };
}

/** Digits of a time in ms: enough for another three thousand years. */
const timeDigits = 14;

/**
 * Where an item lies in the index of what is pending: in the order of time, `since` in ms since the
 * epoch, so that the oldest come first. A sort key takes 1,024 bytes, so the rest of it is a digest.
 */
export function placeOf(
  key: string,
  since: number,
): { readonly partition: string; readonly place: string } {
  const digest = hash('sha256', key, 'hex').slice(0, 32);
  const shard = Number.parseInt(digest.slice(0, 2), 16) % shards;
  const time = String(Math.max(0, Math.floor(since))).padStart(timeDigits, '0');
  return { partition: partitionOf(splitKey(key).endpoint, shard), place: `${time}-${digest}` };
}

/** The time in a place. */
export function timeOfPlace(place: string): number {
  return Number(place.slice(0, timeDigits));
}

export function partitionOf(endpoint: string, shard: number): string {
  return `${endpoint}/${shard}`;
}

/** Refuses an entity key or id that the store could not hold, before anything is written. */
export function checkKey(what: string, key: string): void {
  checkKeyText(what, key, longestKeyBytes);
}
