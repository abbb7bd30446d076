/** How the stores under test are opened, by the tests and by their peers in other processes. */
import { openS3, type S3Options } from '../../../src/backends/aws/s3/index.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import type { EvidenceSource } from '../../../src/engine/evidence.js';
import { evidenceOf } from '../../../src/engine/evidence.js';
import type { Ports } from '../../../src/engine/ports.js';

export interface EmbeddedPlan {
  readonly folder: string;
  readonly layout: 'separate' | 'island';
}

/** Business, dedupe and payload store are S3's, the queue that of an embedded deployment. */
export interface S3Plan extends Omit<S3Options, 'worker'> {
  readonly folder: string;
}

/** JSON: it goes over the command line. */
export type PeerPlan =
  | { readonly backend: 'embedded'; readonly options: EmbeddedPlan }
  | { readonly backend: 's3'; readonly options: S3Plan };

export interface Opened {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  close(): Promise<void>;
}

export async function openPorts(plan: PeerPlan, worker: string): Promise<Ports> {
  const opened =
    plan.backend === 's3'
      ? await openWithS3(plan.options, worker)
      : await openEmbedded({ ...plan.options, worker });
  return opened.ports;
}

export async function openWithS3(plan: S3Plan, worker: string): Promise<Opened> {
  const { folder, ...options } = plan;
  const embedded = await openEmbedded({ folder, layout: 'separate', worker });
  const opened = await openS3({ ...options, worker });
  const { business, dedupe, payload } = opened.ports;
  const { evidence } = opened;
  if (!business || !dedupe || !payload) throw new Error('a store was not opened');
  if (!evidence.business || !evidence.dedupe || !evidence.payload) throw new Error('no evidence');
  return {
    ports: { broker: embedded.ports.broker, business, dedupe, payload },
    evidence: evidenceOf({
      broker: embedded.evidence,
      business: evidence.business,
      dedupe: evidence.dedupe,
      payload: evidence.payload,
    }),
    close: async () => {
      await embedded.close();
      await opened.close();
    },
  };
}
