import type { LatencyName } from '../bench/result.js';

/** Every latency with its printed name, in reading order: the whole, its parts, the generator. */
export const latencyRows: readonly { readonly name: LatencyName; readonly label: string }[] = [
  { name: 'chain', label: 'chain' },
  { name: 'hop', label: 'hop' },
  { name: 'queueWait', label: 'queue wait' },
  { name: 'processing', label: 'processing' },
  { name: 'publish', label: 'publish' },
  { name: 'sendLag', label: 'send lag' },
];

/** The columns of a latency table. */
export const quantileColumns = [
  { label: 'p50', key: 'p50' },
  { label: 'p90', key: 'p90' },
  { label: 'p99', key: 'p99' },
  { label: 'p99.9', key: 'p999' },
  { label: 'max', key: 'max' },
] as const;
