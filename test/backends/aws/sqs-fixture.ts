/** A namespace of one test on the SQS server of this run, and the raw client beside our broker. */
import { SQS } from '@aws-sdk/client-sqs';
import {
  type OpenedSqs,
  openSqs,
  type SqsOptions,
  sqsProvisioner,
} from '../../../src/backends/aws/sqs/index.js';
import type { Provisioner } from '../../../src/engine/backend.js';
import { id } from '../../conformance/fixtures.js';
import { environmentOf, variable } from '../../servers/provided.js';

export class SqsFixture {
  readonly options: SqsOptions;
  readonly raw: SQS;
  readonly #opened: OpenedSqs[] = [];
  readonly #provisioners: Provisioner[] = [];

  constructor(changes: Partial<SqsOptions> & { readonly endpointUrl?: string } = {}) {
    const environment = environmentOf('sqs-s3');
    Object.assign(process.env, environment);
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
    const { endpointUrl = variable(environment, 'AWS_ENDPOINT_URL_SQS'), ...rest } = changes;
    this.options = {
      aws: { region: 'us-east-1', endpoint: endpointUrl, profile: null },
      namespace: `t-${id().toLowerCase()}`,
      endpoints: ['orders'],
      worker: 'own',
      visibilityMs: 30_000,
      ...rest,
    };
    const endpoint = variable(environment, 'AWS_ENDPOINT_URL_SQS');
    this.raw = new SQS({ endpoint, region: 'us-east-1', useQueueUrlAsEndpoint: false });
  }

  get queue(): string {
    return `${this.options.namespace}_orders`;
  }

  provisioner(changes: Partial<SqsOptions> = {}): Provisioner {
    const provisioner = sqsProvisioner({ ...this.options, ...changes });
    this.#provisioners.push(provisioner);
    return provisioner;
  }

  async open(changes: Partial<SqsOptions> = {}): Promise<OpenedSqs> {
    const opened = await openSqs({ ...this.options, ...changes });
    this.#opened.push(opened);
    return opened;
  }

  /** The queues of the endpoints, and the broker on them. */
  async create(): Promise<OpenedSqs> {
    await this.provisioner().create();
    return this.open();
  }

  async url(name = this.queue): Promise<string> {
    return (await this.raw.getQueueUrl({ QueueName: name })).QueueUrl ?? '';
  }

  async close(): Promise<void> {
    for (const opened of this.#opened) await opened.close();
    for (const provisioner of this.#provisioners) await provisioner.close();
    this.raw.destroy();
  }
}
