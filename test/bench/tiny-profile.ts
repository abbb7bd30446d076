/** Profiles of a few seconds, for what a run does besides measuring. */

interface Changes {
  readonly name?: string;
  readonly deployment?: Readonly<Record<string, unknown>>;
  readonly load?: Readonly<Record<string, unknown>>;
  readonly thresholds?: readonly string[];
}

export function tinyProfile({ name = 'tiny', deployment, load, thresholds = [] }: Changes = {}) {
  return {
    name,
    workers: 1,
    deployment: { endpoints: { chain: 2 }, visibility: '2s', retention: '60s', ...deployment },
    load: { rate: '40/s', warmup: '500ms', duration: '1500ms', ...load },
    drain: { timeout: '30s' },
    thresholds,
  };
}

/** Goes on for longer than any test waits. */
export function endlessProfile(changes: Changes = {}) {
  return tinyProfile({ ...changes, load: { warmup: '0s', duration: '10m', ...changes.load } });
}
