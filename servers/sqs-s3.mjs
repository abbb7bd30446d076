/**
 * fauxqs as a server of one process: SQS and S3 on 127.0.0.1, with its data kept in a folder. Runs
 * under Node 22.5 or newer. Arguments: PORT (0: any) FOLDER. Writes `listening on 127.0.0.1:PORT`.
 *
 * Five things differ from fauxqs's own server, which is why inner files are imported and the version
 * is pinned: it listens on loopback only; a put with If-None-Match or If-Match is conditional, as on
 * S3, and so is a delete with If-Match; objects are listed in the order of their names, as on S3, and
 * not as a dictionary would, where a page that begins behind a name misses some; a message whose
 * visibility is set to 0 is kept (fauxqs fails to write that down, answers 500 and hides the message
 * until a restart); and its database is written without waiting for the disk, since it must outlive its
 * process, not the machine.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { buildApp } from './node_modules/fauxqs/dist/app.js';
import { S3Error } from './node_modules/fauxqs/dist/common/errors.js';
import { PersistenceManager } from './node_modules/fauxqs/dist/persistence.js';
import { S3Store } from './node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from './node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore } from './node_modules/fauxqs/dist/sqs/sqsStore.js';

/** The headers of the request that is being handled. */
const current = new AsyncLocalStorage();

/** Check and change are one synchronous step: of many racers one wins. */
class ConditionalS3Store extends S3Store {
  putObject(bucket, key, ...rest) {
    const headers = current.getStore() ?? {};
    const objects = this.buckets.get(bucket);
    if (objects) check(headers, objects.get(key), `/${bucket}/${key}`);
    return super.putObject(bucket, key, ...rest);
  }

  deleteObject(bucket, key) {
    const headers = current.getStore() ?? {};
    const objects = this.buckets.get(bucket);
    if (objects) check(headers, objects.get(key), `/${bucket}/${key}`);
    return super.deleteObject(bucket, key);
  }

  /** Names of ASCII alone are in the order of their UTF-8, which is S3's. */
  listObjects(bucket, options = {}) {
    const objects = this.buckets.get(bucket);
    if (!objects || options.delimiter) return super.listObjects(bucket, options);
    const { prefix = '', maxKeys = 1000, marker = '', startAfter = marker } = options;
    const isWanted = ({ key }) => key.startsWith(prefix) && key > startAfter;
    const found = [...objects.values()].filter(isWanted);
    found.sort((one, other) => (one.key < other.key ? -1 : 1));
    return {
      objects: found.slice(0, maxKeys),
      commonPrefixes: [],
      isTruncated: found.length > maxKeys,
    };
  }
}

/** What S3 documents: 412 where the condition does not hold, 404 for If-Match on a missing key. */
function check(headers, present, resource) {
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined && !present) {
    throw new S3Error('NoSuchKey', 'The specified key does not exist.', 404, resource);
  }
  const exists = ifNoneMatch !== undefined && present !== undefined;
  const differs = ifMatch !== undefined && bare(ifMatch) !== bare(present.etag);
  if (!exists && !differs) return;
  const failed = 'At least one of the pre-conditions you specified did not hold';
  throw new S3Error('PreconditionFailed', failed, 412, resource);
}

function bare(etag) {
  return etag.replaceAll('"', '');
}

/** Keeps the receive count, which must not be null. */
class ReadyPersistence extends PersistenceManager {
  #ready = this.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );

  updateMessageReady(messageId) {
    this.#ready.run(messageId);
  }
}

async function main(port, folder) {
  const persistence = new ReadyPersistence(folder);
  persistence.db.exec('PRAGMA synchronous = OFF');
  const sqsStore = new SqsStore();
  const snsStore = new SnsStore();
  const s3Store = new ConditionalS3Store();
  persistence.load(sqsStore, snsStore, s3Store);
  for (const store of [sqsStore, snsStore, s3Store]) store.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  const app = buildApp({ logger: false, stores: { sqsStore, snsStore, s3Store } });
  app.addHook('preHandler', (request, _reply, done) => current.run(request.headers, done));
  app.addHook('preClose', () => persistence.close());
  await app.listen({ port, host: '127.0.0.1' });
  process.stdout.write(`listening on 127.0.0.1:${app.server.address().port}\n`);
  process.once('SIGTERM', () => app.close().then(() => process.exit(0)));
}

await main(Number(process.argv[2]), process.argv[3]);
