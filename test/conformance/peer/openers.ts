/** How the stores under test are opened, by the tests and by their peers in other processes. */
import { openSqs, type SqsOptions } from '../../../src/backends/aws/sqs/index.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { type EvidenceSource, evidenceOf } from '../../../src/engine/evidence.js';
import type { Ports } from '../../../src/engine/ports.js';

export interface EmbeddedPlan {
  readonly folder: string;
  readonly layout: 'separate' | 'island';
}

/** The broker is SQS, the other stores those of an embedded deployment. */
export interface SqsPlan extends Omit<SqsOptions, 'worker'> {
  readonly folder: string;
}

/** JSON: it goes over the command line. */
export type PeerPlan =
  | { readonly backend: 'embedded'; readonly options: EmbeddedPlan }
  | { readonly backend: 'sqs'; readonly options: SqsPlan };

export interface Opened {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  close(): Promise<void>;
}

export async function openPorts(plan: PeerPlan, worker: string): Promise<Ports> {
  const opened =
    plan.backend === 'sqs'
      ? await openWithSqs(plan.options, worker)
      : await openEmbedded({ ...plan.options, worker });
  return opened.ports;
}

export async function openWithSqs({ folder, ...plan }: SqsPlan, worker: string): Promise<Opened> {
  const embedded = await openEmbedded({ folder, layout: 'separate', worker });
  const { ports, evidence, close } = await openSqs({ ...plan, worker });
  if (!evidence.broker) throw new Error('the broker has no evidence');
  const other = embedded.evidence;
  const parts = { broker: evidence.broker, business: other, dedupe: other, payload: other };
  return {
    ports: { ...embedded.ports, broker: ports.broker },
    evidence: evidenceOf(parts),
    close: async () => {
      await close();
      await embedded.close();
    },
  };
}
