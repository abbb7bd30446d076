/** DynamoDB's ports beside the queue and payloads of an embedded deployment. */
import { type DynamodbOptions, openDynamodb } from '../../../src/backends/aws/dynamodb/index.js';
import { openEmbedded } from '../../../src/backends/embedded/index.js';
import { type EvidenceSource, evidenceOf } from '../../../src/engine/evidence.js';
import type { Ports } from '../../../src/engine/ports.js';
import type { UpkeepParts } from '../../../src/engine/upkeep.js';
import { everyUpkeep } from './upkeep.js';

export interface DynamodbTarget extends Omit<DynamodbOptions, 'worker'> {
  /** Of the embedded deployment. */
  readonly folder: string;
}

export interface OpenedWithDynamodb {
  readonly ports: Ports;
  readonly evidence: EvidenceSource;
  readonly upkeep: UpkeepParts;
  close(): Promise<void>;
}

export async function openWithDynamodb(
  { folder, ...options }: DynamodbTarget,
  worker: string,
): Promise<OpenedWithDynamodb> {
  const embedded = await openEmbedded({ folder, layout: 'separate', worker });
  const opened = await openDynamodb({ ...options, worker });
  const { business, dedupe } = opened.evidence;
  if (!opened.ports.business || !opened.ports.dedupe || !business || !dedupe) {
    throw new Error('a store was not opened');
  }
  const other = embedded.evidence;
  return {
    ports: { ...embedded.ports, business: opened.ports.business, dedupe: opened.ports.dedupe },
    evidence: evidenceOf({ broker: other, payload: other, business, dedupe }),
    upkeep: everyUpkeep(embedded.upkeep, opened.upkeep),
    close: async () => {
      await embedded.close();
      await opened.close();
    },
  };
}
