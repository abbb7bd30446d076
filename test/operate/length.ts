/** `npm test` takes the short form of what `npm run accept -- operate` runs at full length. */
export const isFull = process.env['ONCECTL_ACCEPT'] === 'full';

/** All of it at full length, else those that stand for it. */
export function inFull<T>(all: readonly T[], short: readonly NoInfer<T>[]): readonly T[] {
  return isFull ? all : short;
}
