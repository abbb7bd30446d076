/** Lists in parts: what one request takes, or what is read at once. */

export function* grouped<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

export async function* inGroups<T>(
  items: AsyncIterable<T>,
  size: number,
): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The results in the order of the items, a few at a time. */
export async function* mapped<T, R>(
  items: AsyncIterable<T>,
  size: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  for await (const group of inGroups(items, size)) yield* await Promise.all(group.map(map));
}
