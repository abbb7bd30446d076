/** The broker on SQS, the other stores those of an embedded deployment: for the tests and their peers. */
import { openSqs, type SqsOptions } from '../../../src/backends/aws/sqs/index.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { type EvidenceSource, evidenceOf } from '../../../src/engine/evidence.js';
import type { Ports } from '../../../src/engine/ports.js';
import type { UpkeepParts } from '../../../src/engine/upkeep.js';
import { everyUpkeep } from './upkeep.js';

export interface SqsTarget extends Omit<SqsOptions, 'worker'> {
  /** Of the embedded stores. */
  readonly folder: string;
}

export interface OpenedWithSqs {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  readonly upkeep: UpkeepParts;
  close(): Promise<void>;
}

export async function openWithSqs(
  { folder, ...target }: SqsTarget,
  worker: string,
): Promise<OpenedWithSqs> {
  const embedded = await openEmbedded({ folder, layout: 'separate', worker });
  const { ports, evidence, upkeep, close } = await openSqs({ ...target, worker });
  if (!evidence.broker) throw new Error('the broker has no evidence');
  return {
    ports: { ...embedded.ports, broker: ports.broker },
    evidence: evidenceOf({ ...embedded.parts, broker: evidence.broker }),
    upkeep: everyUpkeep(embedded.upkeep, upkeep),
    close: async () => {
      await close();
      await embedded.close();
    },
  };
}
