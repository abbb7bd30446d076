/** The contract between endpoints (design, section 5), found out and not asserted: cell by cell. */

import { protocols } from '../engine/protocols/index.js';
import { type ProtocolName, protocolNames } from '../engine/protocols/names.js';
import { explore, type Found, type Limits } from './explore.js';
import {
  appending,
  defaultBounds,
  type PureHandler,
  type Scenario,
  strongStores,
} from './scenario.js';

export interface Cell {
  readonly producer: ProtocolName;
  readonly consumer: ProtocolName;
  readonly verdict: 'ok' | 'doubles' | 'everything dropped' | 'not exhausted';
  readonly found: Found | null;
}

const forwarding: PureHandler = ({ id }, before) => ({
  state: before === '' ? id : `${before},${id}`,
  sends: [{ to: 'billing', body: `${id} after "${before}"` }],
});

/** Every pair, a producer after the other. */
export async function checkContract(limits: Limits): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const producer of protocolNames) {
    for (const consumer of protocolNames) cells.push(await checkPair(producer, consumer, limits));
  }
  return cells;
}

/**
 * First a world without mishap, in which nothing may be lost; then one with a crash, after which a
 * producer may send again what its consumer has to recognise.
 */
async function checkPair(
  producer: ProtocolName,
  consumer: ProtocolName,
  limits: Limits,
): Promise<Cell> {
  for (const crashes of [0, 1]) {
    const { verdict, found } = await explore(pairScenario(producer, consumer, crashes), limits);
    if (verdict === 'not exhausted') return { producer, consumer, verdict, found };
    if (!found) continue;
    const word = found.invariant === 'I1' ? 'everything dropped' : 'doubles';
    return { producer, consumer, verdict: word, found };
  }
  return { producer, consumer, verdict: 'ok', found: null };
}

function pairScenario(producer: ProtocolName, consumer: ProtocolName, crashes: number): Scenario {
  return {
    endpoints: [
      { name: 'orders', protocol: protocols[producer], handler: forwarding },
      { name: 'billing', protocol: protocols[consumer], handler: appending },
    ],
    entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
    stores: strongStores,
    bounds: { ...defaultBounds, copies: 1, crashes, unknowns: 0, attempts: 2 },
    wrongs: {},
  };
}
