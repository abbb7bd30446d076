/** A deployment with one endpoint, `orders`, that takes what foreign outboxes hold, and counts it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deployUp } from '../../../src/deployment/deploy.js';
import { type OpenedDeployment, openDeployment } from '../../../src/deployment/open.js';
import { startWork, type Work } from '../../../src/deployment/work.js';
import { endpoint } from '../../../src/engine/handler.js';
import { type OpenedForeign, openForeign } from '../../../src/operate/foreign/open.js';
import { loadProfile } from '../../../src/profile/load.js';
import type { Profile } from '../../../src/profile/types.js';
import { urlOf } from '../../backends/postgres-fixtures.js';
import { id } from '../../conformance/fixtures.js';

/** Every application of a message leaves its id in the entity. */
interface Applied {
  readonly ids: readonly string[];
}

const orders = endpoint<Record<string, unknown>, Applied>({
  name: 'orders',
  handlers: {
    '*': (message, entity) => {
      entity.state = { ids: [...(entity.state?.ids ?? []), message.id] };
    },
  },
});

export interface ShopOptions {
  /** Of an existing folder, where everything lies. */
  readonly folder: string;
  readonly backend: 'embedded' | 'postgres';
  readonly protocol: string;
  readonly outboxes: readonly object[];
}

export class Shop {
  /** The profile, resolved. */
  readonly file: string;
  readonly folder: string;
  readonly profile: Profile;
  readonly deployment: OpenedDeployment;
  readonly outboxes: readonly OpenedForeign[];
  readonly #working: Work[] = [];

  private constructor(made: Pick<Shop, 'file' | 'folder' | 'profile' | 'deployment'>) {
    this.file = made.file;
    this.folder = made.folder;
    this.profile = made.profile;
    this.deployment = made.deployment;
    this.outboxes = openForeign(made.profile);
  }

  static async open({ folder, backend, protocol, outboxes }: ShopOptions): Promise<Shop> {
    const written = join(folder, 'shop.yaml');
    const file = join(folder, 'resolved.json');
    const deployment = {
      ...{ backend, protocol, namespace: `shop-${id().toLowerCase()}` },
      ...{ postgres: { url: urlOf() }, endpoints: [{ name: 'orders' }], outboxes },
    };
    // JSON is YAML.
    await writeFile(written, JSON.stringify({ deployment, load: { rate: '1/s' } }));
    const { profile } = await loadProfile(written);
    await writeFile(file, JSON.stringify(profile));
    const stores = join(folder, 'stores');
    await deployUp({ profile, folder: stores, dryRun: false });
    const opened = { profile, folder: stores, worker: 'test', maintain: false };
    return new Shop({ file, folder: stores, profile, deployment: await openDeployment(opened) });
  }

  async startWorker(): Promise<void> {
    const { profile, folder } = this;
    this.#working.push(
      await startWork({
        ...{ profile, folder, worker: 'worker', endpoints: [], byDefault: () => orders },
        ...{ onFailure: () => {}, onUnreceived: () => {} },
      }),
    );
  }

  /** Ids of the messages that were applied to the entity, once for each time. */
  async applied(key: string): Promise<readonly string[]> {
    const { state } = await this.deployment.ports.business.load('orders', key, '');
    return state === null ? [] : (JSON.parse(new TextDecoder().decode(state)) as Applied).ids;
  }

  /** Messages that wait or are leased. */
  async queued(): Promise<number> {
    const { visible, inFlight, delayed } = await this.deployment.ports.broker.depth('orders');
    return visible + inFlight + delayed;
  }

  async close(): Promise<void> {
    for (const work of this.#working) await work.stop(1000);
    for (const { outbox } of this.outboxes) await outbox.close();
    await this.deployment.close();
  }
}
