/** How the stores under test are opened, by the tests and by their peers in other processes. */
import { type DynamodbOptions, openDynamodb } from '../../../src/backends/aws/dynamodb/index.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import type { EvidenceSource } from '../../../src/engine/evidence.js';
import { evidenceOf } from '../../../src/engine/evidence.js';
import type { Ports } from '../../../src/engine/ports.js';

export interface EmbeddedPlan {
  readonly folder: string;
  readonly layout: 'separate' | 'island';
}

/** Business and dedupe store are DynamoDB's, queue and payloads those of an embedded deployment. */
export interface DynamodbPlan extends Omit<DynamodbOptions, 'worker'> {
  readonly folder: string;
}

/** JSON: it goes over the command line. */
export type PeerPlan =
  | { readonly backend: 'embedded'; readonly options: EmbeddedPlan }
  | { readonly backend: 'dynamodb'; readonly options: DynamodbPlan };

export interface Opened {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  close(): Promise<void>;
}

export async function openPorts(plan: PeerPlan, worker: string): Promise<Ports> {
  const opened =
    plan.backend === 'dynamodb'
      ? await openWithDynamodb(plan.options, worker)
      : await openEmbedded({ ...plan.options, worker });
  return opened.ports;
}

export async function openWithDynamodb(plan: DynamodbPlan, worker: string): Promise<Opened> {
  const { folder, ...options } = plan;
  const embedded = await openEmbedded({ folder, layout: 'separate', worker });
  const opened = await openDynamodb({ ...options, worker });
  const { business, dedupe } = opened.evidence;
  if (!opened.ports.business || !opened.ports.dedupe || !business || !dedupe) {
    throw new Error('a store was not opened');
  }
  const ports = { ...embedded.ports, business: opened.ports.business, dedupe: opened.ports.dedupe };
  const other = embedded.evidence;
  return {
    ports,
    evidence: evidenceOf({ broker: other, payload: other, business, dedupe }),
    close: async () => {
      await embedded.close();
      await opened.close();
    },
  };
}
