/** S3 stores in a bucket of their own, on the server that this test run started. */
import { onTestFinished } from 'vitest';
import { openS3, type S3Options, s3Provisioner } from '../../../src/backends/aws/s3/index.js';
import { id } from '../../conformance/fixtures.js';
import { environmentOf, variable } from '../../servers/provided.js';

export function options(fields: Partial<S3Options> = {}): S3Options {
  const environment = environmentOf('sqs-s3');
  Object.assign(process.env, environment);
  const endpoint = variable(environment, 'AWS_ENDPOINT_URL_S3');
  return {
    aws: { region: variable(environment, 'AWS_REGION'), endpoint, profile: null },
    ports: ['business', 'dedupe', 'payload'],
    bucket: `test-${id().toLowerCase()}`,
    prefix: 'one/deployment',
    worker: 'own',
    retentionMs: 3_600_000,
    maintain: false,
    audit: true,
    ...fields,
  };
}

export function at(given: S3Options, endpoint: string): S3Options {
  return { ...given, aws: { ...given.aws, endpoint } };
}

/** Makes the bucket, and removes it after the test. */
export async function provisioned(given: S3Options): Promise<void> {
  const provisioner = s3Provisioner(given);
  await provisioner.create();
  onTestFinished(async () => {
    await provisioner.remove();
    await provisioner.close();
  });
}

/** Opens every port; closed after the test. */
export async function opened(given: S3Options) {
  const stores = await openS3(given);
  onTestFinished(() => stores.close());
  const { business, dedupe, payload } = stores.ports;
  const { business: evidence } = stores.evidence;
  if (!business || !dedupe || !payload || !evidence) throw new Error('a port is missing');
  return { ...stores, business, dedupe, payload, records: evidence };
}
