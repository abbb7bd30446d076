/** A profile that kills a worker at every boundary of its protocol, one after the other. */
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { boundaries } from '../../src/engine/protocols/steps.js';

const firstKillMs = 500;
const betweenKillsMs = 600;
/** For strikes that wait: for a worker that is frozen or starts again, for a message that passes. */
const tailMs = 3000;

/** What is otherwise on backends that are slower to open, or count in whole seconds. */
export interface FaultyVariation {
  readonly deployment?: object;
  readonly rate?: string;
  readonly betweenMs?: number;
  readonly stallMs?: number;
  /** Of the messages that are doubled, delayed, not acknowledged: of few, more, so that some are. */
  readonly share?: string;
}

export function faultyProfile(protocol: ProtocolName, variation: FaultyVariation = {}) {
  const { betweenMs = betweenKillsMs, stallMs = 3000, rate = '40/s', share = '2 %' } = variation;
  const places = boundaries(protocol);
  const untilMs = firstKillMs + betweenMs * places.length;
  return {
    name: `faulty-${protocol}`,
    workers: 2,
    deployment: {
      protocol,
      backend: 'embedded',
      control: protocol === 'none',
      endpoints: { chain: 3 },
      visibility: '1500ms',
      retention: '60s',
      ...variation.deployment,
    },
    load: { rate, warmup: '0s', duration: `${untilMs + tailMs}ms` },
    faults: [
      { kind: 'stall', at: '900ms', for: `${stallMs}ms` },
      { kind: 'kill', at: `${firstKillMs}ms`, every: `${betweenMs}ms`, until: `${untilMs}ms` },
      { kind: 'duplicate', share },
      { kind: 'delay', share, for: '300ms' },
      { kind: 'drop-ack', share },
    ],
    drain: { timeout: '60s' },
  };
}
