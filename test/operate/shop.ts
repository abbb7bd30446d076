/**
 * An embedded deployment in a folder of its own, two endpoints in a row with handlers that can be held up:
 * operated through the built CLI, looked into and filled in this process.
 */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployUp } from '../../src/deployment/deploy.js';
import { type OpenedDeployment, openDeployment } from '../../src/deployment/open.js';
import { Cells } from '../../src/engine/control/cells.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { quarantine } from '../../src/operate/token/quarantine.js';
import { mainIsland } from '../../src/profile/islands.js';
import { loadProfile } from '../../src/profile/load.js';
import type { BackendName, Profile } from '../../src/profile/types.js';
import { BenchFolder, RunningCli } from '../bench/bench-cli.js';
import {
  bytes,
  entry,
  eventually,
  failure,
  id,
  longLease,
  message,
} from '../conformance/fixtures.js';

const patience = 20_000;

/** A message of type `Held` stays in its handler until the file `go` exists; `Refused` fails. */
const handlers = `
import { appendFileSync, existsSync } from 'node:fs';
const handler = (name) => ({
  name,
  handlers: {
    Held: async (message) => {
      appendFileSync('begun.log', name + ' ' + message.id + '\\n');
      while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    Refused: () => {
      throw new Error('not today');
    },
    '*': (message) => appendFileSync('begun.log', name + ' ' + message.id + '\\n'),
  },
});
export const orders = handler('orders');
export const payments = handler('payments');
`;

export interface ShopVariation {
  /** Protocol of the first endpoint. */
  readonly orders?: ProtocolName;
  readonly backend?: BackendName | 'sqs-s3' | 'sqs-dynamodb';
}

export class ShopFolder {
  readonly #workers: RunningCli[] = [];

  private constructor(
    readonly folder: BenchFolder,
    readonly profile: Profile,
    readonly deployment: OpenedDeployment,
  ) {}

  static async open({
    orders = 'dedupe-store',
    backend = 'embedded',
  }: ShopVariation = {}): Promise<ShopFolder> {
    const folder = await BenchFolder.create();
    await folder.write('handlers.mjs', handlers);
    const endpoints = [
      {
        ...{ name: 'orders', protocol: orders, sendsTo: ['payments'] },
        handlers: './handlers.mjs#orders',
      },
      { name: 'payments', handlers: './handlers.mjs#payments' },
    ];
    const namespace = backend === 'embedded' ? 'shop' : `shop-${id().slice(-8).toLowerCase()}`;
    const deployment = { protocol: 'dedupe-store', backend, namespace, endpoints };
    const file = await folder.write('shop.yaml', { deployment, load: { rate: '1/s' } });
    const { profile } = await loadProfile(file);
    const stores = join(folder.path, '.oncectl', namespace);
    await deployUp({ profile, folder: stores, dryRun: false });
    const opened = { profile, folder: stores, worker: 'test', maintain: false };
    return new ShopFolder(folder, profile, await openDeployment(opened));
  }

  start(...args: readonly string[]): RunningCli {
    return new RunningCli(this.folder, args);
  }

  startWorker(name: string): RunningCli {
    const worker = this.start('worker', 'shop.yaml', '--name', name);
    this.#workers.push(worker);
    return worker;
  }

  async send(endpoint: string, type = 'Order'): Promise<string> {
    const headers = { intendedAt: Date.now(), sentAt: Date.now() };
    const sent = message(endpoint, { type, headers, body: bytes('{}') });
    await this.deployment.ports.broker.send([sent]);
    return sent.id;
  }

  /** Lets what is held up go on. */
  go(): void {
    writeFileSync(join(this.folder.path, 'go'), '');
  }

  /** Messages that handlers began with, in their order: "orders ID". */
  begun(): readonly string[] {
    const path = join(this.folder.path, 'begun.log');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  async begins(endpoint: string, messageId: string): Promise<void> {
    const line = `${endpoint} ${messageId}`;
    await eventually(
      `${line} is begun`,
      patience,
      async () => this.begun(),
      (all) => all.includes(line),
    );
  }

  depth(endpoint: string) {
    return this.deployment.ports.broker.depth(endpoint);
  }

  /** A committed entry that nobody dispatches; it promises nothing. */
  async leaveStuck(endpoint: string): Promise<string> {
    const messageId = id();
    const key = `key-${messageId}`;
    const committedAt = Date.now() - 3600_000;
    const left = entry(messageId, key, { committedAt, messages: [] });
    const { business } = this.deployment.ports;
    await business.commit(endpoint, key, 0, { state: bytes('{}'), entry: left });
    return messageId;
  }

  async leaveDead(endpoint: string): Promise<string> {
    const { broker } = this.deployment.ports;
    const messageId = await this.send(endpoint);
    const options = { visibility: longLease, wait: 0, worker: 'test' };
    for (const { receipt } of await broker.receive(endpoint, 10, options)) {
      await broker.deadLetter(endpoint, receipt, failure('CardDeclined'));
    }
    return messageId;
  }

  /** Id of a payload that a sweep would delete in time. */
  async leaveQuarantined(endpoint: string): Promise<string> {
    const { ports } = this.deployment;
    const payloadId = id();
    const origin = { endpoint, messageId: id(), attempt: payloadId };
    await ports.payload.put(payloadId, bytes('{}'), origin);
    await quarantine(new Cells(ports.business), payloadId, {
      ...{ since: Date.now(), by: 'test', origin, island: mainIsland },
      proof: { rule: 'journal', says: 'another attempt won' },
    });
    return payloadId;
  }

  /** Of all that is stored, and of every other file that is not a lock. */
  digest(): string {
    const files = readdirSync(this.folder.path, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.name.includes('lock'))
      .map((file) => join(file.parentPath, file.name))
      .sort();
    const all = files.map((file) => `${file} ${hash('sha256', readFileSync(file), 'hex')}`);
    return all.join('\n');
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) worker.kill('SIGKILL');
    await Promise.all(this.#workers.map(({ finished }) => finished));
    await this.deployment.close();
    await this.folder.remove();
  }
}
