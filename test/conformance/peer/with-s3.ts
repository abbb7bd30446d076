/** S3's ports beside the queue of an embedded deployment. */
import { openS3, type S3Options } from '../../../src/backends/aws/s3/index.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { type EvidenceSource, evidenceOf } from '../../../src/engine/evidence.js';
import type { Ports } from '../../../src/engine/ports.js';
import type { UpkeepParts } from '../../../src/engine/upkeep.js';
import { everyUpkeep } from './upkeep.js';

export interface S3Target extends Omit<S3Options, 'worker'> {
  /** Of the embedded deployment. */
  readonly folder: string;
}

export interface OpenedWithS3 {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  readonly upkeep: UpkeepParts;
  close(): Promise<void>;
}

export async function openWithS3(
  { folder, ...options }: S3Target,
  worker: string,
): Promise<OpenedWithS3> {
  const embedded = await openEmbedded({ folder, layout: 'separate', worker });
  const opened = await openS3({ ...options, worker });
  const { business, dedupe, payload } = opened.ports;
  const { evidence } = opened;
  if (!business || !dedupe || !payload) throw new Error('a port is missing');
  if (!evidence.business || !evidence.dedupe || !evidence.payload) throw new Error('no evidence');
  return {
    ports: { broker: embedded.ports.broker, business, dedupe, payload },
    evidence: evidenceOf({
      broker: embedded.evidence,
      business: evidence.business,
      dedupe: evidence.dedupe,
      payload: evidence.payload,
    }),
    upkeep: everyUpkeep(embedded.upkeep, opened.upkeep),
    close: async () => {
      await embedded.close();
      await opened.close();
    },
  };
}
