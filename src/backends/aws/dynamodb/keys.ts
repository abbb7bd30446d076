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

/** Where an item lies in the index of what is pending: a sort key takes 1,024 bytes, so a digest. */
export function placeOf(key: string): { readonly partition: string; readonly place: string } {
  const place = hash('sha256', key, 'hex').slice(0, 32);
  const shard = Number.parseInt(place.slice(0, 2), 16) % shards;
  return { partition: partitionOf(splitKey(key).endpoint, shard), place };
}

export function partitionOf(endpoint: string, shard: number): string {
  return `${endpoint}/${shard}`;
}

/** Refuses an entity key or id that the store could not hold, before anything is written. */
export function checkKey(what: string, key: string): void {
  checkKeyText(what, key, longestKeyBytes);
}
