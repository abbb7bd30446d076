/** Opens the stores of a deployment that lie in S3. */
import type { OpenedStores } from '../../../engine/backend.js';
import type { EvidenceParts } from '../../../engine/evidence.js';
import type { Ports } from '../../../engine/ports.js';
import type { UpkeepParts } from '../../../engine/upkeep.js';
import { Bucket } from './bucket.js';
import { S3BusinessStore } from './business.js';
import { openClients } from './clients.js';
import { S3DedupeStore } from './dedupe.js';
import { Deletes } from './deletes.js';
import { EntityStore } from './entity-store.js';
import { S3BusinessEvidence, S3DedupeEvidence, S3PayloadEvidence } from './evidence.js';
import { prepareFormat } from './format.js';
import { Life } from './life.js';
import { refuseHarm } from './lifecycle.js';
import { Markers } from './markers.js';
import { Names } from './names.js';
import type { S3Options } from './options.js';
import { S3PayloadStore } from './payload.js';
import { repeat } from './repeat.js';
import { type RequestCount, RequestCounts } from './request-counts.js';
import { Staging } from './staging.js';
import { sweepMarkers } from './sweep.js';
import { S3BusinessUpkeep } from './upkeep-business.js';
import { S3DedupeUpkeep } from './upkeep-dedupe.js';
import { S3PayloadUpkeep } from './upkeep-payload.js';

export interface OpenedS3 extends OpenedStores {
  /** Every HTTP request since the stores were opened, by store, kind and outcome: what S3 charges. */
  readonly requests: () => readonly RequestCount[];
}

const sweepEveryMs = 600_000;
const youngMarkerMs = 3_600_000;

/**
 * Opens the ports that are asked for. Errors (nothing was changed): `unreachable` and `denied`, also
 * for a bucket that is not there; `refused` when a lifecycle rule would remove live objects, or when
 * this S3 does not honour conditional writes; `format` when the objects are of a newer version.
 */
export async function openS3(options: S3Options): Promise<OpenedS3> {
  const clients = openClients(options.aws);
  try {
    const counts = new RequestCounts();
    const names = new Names(options.prefix);
    const bucket = new Bucket(options.bucket, clients, counts, 'maintenance');
    await checkBucket(bucket, names, options);
    return assemble(options, bucket, names, counts);
  } catch (error) {
    clients.destroy();
    throw error;
  }
}

async function checkBucket(bucket: Bucket, names: Names, options: S3Options): Promise<void> {
  await bucket.list(names.root, null, 1);
  await refuseHarm(bucket, names, options.retentionMs);
  if (options.ports.includes('business')) await prepareFormat(bucket, names);
}

function assemble(
  options: S3Options,
  bucket: Bucket,
  names: Names,
  counts: RequestCounts,
): OpenedS3 {
  const life = new Life();
  const ports: Partial<Ports> = {};
  const evidence: Partial<EvidenceParts> = {};
  const upkeep: Partial<UpkeepParts> = {};
  const audit = bucket.as('audit');
  const looks = bucket.as('upkeep');
  let stopSweeping = async () => {};
  if (options.ports.includes('business')) {
    const own = bucket.as('business');
    const parts = {
      entities: new EntityStore(own, names),
      markers: new Markers(own, names),
      deletes: new Deletes(own),
      staging: options.audit ? new Staging(audit, names) : null,
      life,
      counts,
    };
    const business = new S3BusinessStore(parts);
    Object.assign(ports, { business });
    Object.assign(evidence, { business: new S3BusinessEvidence(audit, names, life) });
    Object.assign(upkeep, { business: businessUpkeep(looks, names, life, counts) });
    const sweep = () => sweepMarkers({ ...parts, business }, Date.now() - youngMarkerMs);
    if (options.maintain) stopSweeping = repeat(() => life.run(sweep), sweepEveryMs);
  }
  if (options.ports.includes('dedupe')) {
    const dedupe = new S3DedupeStore(bucket.as('dedupe'), names, life, counts);
    Object.assign(ports, { dedupe });
    Object.assign(evidence, { dedupe: new S3DedupeEvidence(audit, names, options.retentionMs) });
    Object.assign(upkeep, { dedupe: new S3DedupeUpkeep(looks, names, life, counts) });
  }
  if (options.ports.includes('payload')) {
    const own = bucket.as('payload');
    const name = `s3://${bucket.name}${options.prefix === '' ? '' : `/${options.prefix}`}`;
    const payload = new S3PayloadStore(name, own, names, new Deletes(own), life, counts);
    Object.assign(ports, { payload });
    Object.assign(evidence, { payload: new S3PayloadEvidence(audit, names) });
    Object.assign(upkeep, { payload: new S3PayloadUpkeep(looks, names, life, counts) });
  }
  return {
    ports,
    evidence,
    upkeep,
    counts: () => counts.byStore(),
    requests: () => counts.list(),
    storeBytes: async () => 0,
    close: async () => {
      await Promise.all([stopSweeping(), life.close()]);
      bucket.clients.destroy();
    },
  };
}

function businessUpkeep(bucket: Bucket, names: Names, life: Life, counts: RequestCounts) {
  const entities = new EntityStore(bucket, names);
  const markers = new Markers(bucket, names);
  return new S3BusinessUpkeep({ bucket, names, entities, markers, life, counts });
}
