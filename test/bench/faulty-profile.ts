/** A profile that kills a worker at every boundary of its protocol, one after the other. */
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { boundaries } from '../../src/engine/protocols/steps.js';

const firstKillMs = 500;
const betweenKillsMs = 600;
/** For strikes that wait: for a worker that is frozen or starts again, for a message that passes. */
const tailMs = 3000;

export function faultyProfile(protocol: ProtocolName) {
  const places = boundaries(protocol);
  const untilMs = firstKillMs + betweenKillsMs * places.length;
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
    },
    load: { rate: '40/s', warmup: '0s', duration: `${untilMs + tailMs}ms` },
    faults: [
      { kind: 'stall', at: '900ms', for: '3s' },
      { kind: 'kill', at: `${firstKillMs}ms`, every: `${betweenKillsMs}ms`, until: `${untilMs}ms` },
      { kind: 'duplicate', share: '2 %' },
      { kind: 'delay', share: '2 %', for: '300ms' },
      { kind: 'drop-ack', share: '2 %' },
    ],
    drain: { timeout: '60s' },
  };
}
