/** The contract between endpoints (design, section 5), found out and not asserted: cell by cell. */
import { bridge, protocols } from '../engine/protocols/index.js';
import { type ProtocolName, protocolNames } from '../engine/protocols/names.js';
import { explore, type Found, type Limits } from './explore.js';
import {
  appending,
  defaultBounds,
  type EndpointUnderTest,
  forwardingTo,
  type Scenario,
  strongStores,
} from './scenario.js';

export interface Cell {
  readonly producer: ProtocolName;
  readonly consumer: ProtocolName;
  readonly verdict: Verdict;
  readonly found: Found | null;
  /** The same pair with a bridge in between: all there is for queues in different databases. */
  readonly bridged: Verdict;
}

export type Verdict = 'ok' | 'doubles' | 'everything dropped' | 'not exhausted';

/** Every pair, a producer after the other. */
export async function checkContract(limits: Limits): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const producer of protocolNames) {
    for (const consumer of protocolNames) {
      const direct = await check(producer, consumer, limits);
      const { verdict: bridged } = await check(producer, consumer, limits, bridgeBetween(consumer));
      cells.push({ producer, consumer, ...direct, bridged });
    }
  }
  return cells;
}

function bridgeBetween(consumer: ProtocolName): EndpointUnderTest {
  const { recognisesBy } = protocols[consumer];
  const protocol = bridge(recognisesBy === 'nothing' ? 'id' : recognisesBy);
  return { name: 'bridge', protocol, handler: forwardingTo('billing') };
}

/**
 * First a world without mishap, in which nothing may be lost; then one with a crash, after which a
 * producer may send again what its consumer has to recognise.
 */
async function check(
  producer: ProtocolName,
  consumer: ProtocolName,
  limits: Limits,
  between?: EndpointUnderTest,
): Promise<{ verdict: Verdict; found: Found | null }> {
  for (const crashes of [0, 1]) {
    const scenario = pairScenario(producer, consumer, crashes, between);
    const { verdict, found } = await explore(scenario, limits);
    if (verdict === 'not exhausted') return { verdict, found };
    if (found)
      return { verdict: found.invariant === 'I1' ? 'everything dropped' : 'doubles', found };
  }
  return { verdict: 'ok', found: null };
}

/** A producer and a consumer, and what may stand between them. */
function pairScenario(
  producer: ProtocolName,
  consumer: ProtocolName,
  crashes: number,
  between?: EndpointUnderTest,
): Scenario {
  const first = forwardingTo(between?.name ?? 'billing');
  return {
    endpoints: [
      { name: 'orders', protocol: protocols[producer], handler: first },
      ...(between ? [between] : []),
      { name: 'billing', protocol: protocols[consumer], handler: appending },
    ],
    entered: [{ id: 'A', endpoint: 'orders', key: 'k', body: 'A' }],
    stores: strongStores,
    bounds: { ...defaultBounds, copies: 1, crashes, unknowns: 0, attempts: 2 },
    wrongs: {},
  };
}
