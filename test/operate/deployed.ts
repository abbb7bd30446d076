/**
 * An embedded deployment with two endpoints in a row, opened as an operator opens it, and workers on it in
 * this process that freeze where a test wants them to.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployUp } from '../../src/deployment/deploy.js';
import { hostedEndpoints } from '../../src/deployment/host.js';
import { Entrance } from '../../src/engine/enter.js';
import { IdSource } from '../../src/engine/ids.js';
import type { Message } from '../../src/engine/message.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import type { StepName } from '../../src/engine/protocols/steps.js';
import { type Runtime, startRuntime } from '../../src/engine/runtime/runtime.js';
import { executorOf } from '../../src/operate/executors.js';
import { type Operation, openOperation } from '../../src/operate/operation.js';
import { type ApplyReport, applyPlan } from '../../src/operate/plan/apply.js';
import type { Plan } from '../../src/operate/plan/plan.js';
import { loadProfile } from '../../src/profile/load.js';
import { bytes, eventually, message } from '../conformance/fixtures.js';
import { gate, until } from '../engine/world.js';

export const first = 'endpoint-01';
export const second = 'endpoint-02';
const patience = 20_000;
const visibilityMs = 100;

/** A worker that was frozen at a step, or went on to the end. */
export interface Stopped {
  /** Lets it go on until it has nothing in hand, and ends it. */
  thaw(): Promise<void>;
}

export class Deployed {
  readonly #ids = new IdSource();
  readonly #runtimes: Runtime[] = [];
  readonly #gates: (() => void)[] = [];

  private constructor(
    readonly operation: Operation,
    readonly folder: string,
  ) {}

  static async open(protocol: ProtocolName): Promise<Deployed> {
    const folder = await mkdtemp(join(tmpdir(), 'oncectl-operate-'));
    const path = join(folder, 'profile.yaml');
    const deployment = { protocol, backend: 'embedded', endpoints: { chain: 2 }, retention: '10m' };
    const load = { rate: '1/s', duration: '1s' };
    await writeFile(path, JSON.stringify({ name: 'deployed', deployment, load }));
    const { profile } = await loadProfile(path);
    const options = { profile, folder: join(folder, 'store') };
    await deployUp({ ...options, dryRun: false });
    const operation = await openOperation({
      ...options,
      ...{ evidenceFolder: null, workersGone: false, readOnly: false },
      actor: { user: 'test', host: 'here', version: '0' },
    });
    return new Deployed(operation, folder);
  }

  /** Enters a message at the first endpoint. */
  async send(): Promise<Message> {
    const { ports, protocol } = this.operation.endpoint(first);
    const made = message(first, { body: bytes('{}') });
    await new Entrance(ports, () => this.#ids.next()).enter(protocol, made);
    return made;
  }

  /**
   * Starts a worker at an endpoint; resolves when it froze behind the step; null: when it finished
   * a message, and ended.
   */
  async work(name: string, step: StepName | null): Promise<Stopped> {
    const { passed, open } = gate();
    this.#gates.push(open);
    let reached = false;
    const runtime: Runtime = startRuntime({
      ...{ worker: `worker ${step ?? 'heir'}`, visibilityMs, retentionMs: 600_000 },
      ...{ maxAttempts: 3, backoffMs: 20, audit: false },
      endpoints: this.#hosted(name),
      observer: {
        boundary: (_delivery, done) => {
          if (reached || done !== step) return undefined;
          reached = true;
          const thaw = runtime.freeze();
          return passed.then(thaw);
        },
        finished: () => {
          if (step === null) reached = true;
        },
      },
    });
    this.#runtimes.push(runtime);
    await until(`a worker of ${name} came to ${step ?? 'its end'}`, () => reached);
    if (step === null) await runtime.stop();
    return {
      thaw: async () => {
        open();
        await until('the frozen one went on to its end', () => runtime.inFlight() === 0);
        await runtime.stop();
      },
    };
  }

  #hosted(name: string) {
    const { profile, deployment } = this.operation;
    const definitions = profile.deployment.endpoints.map((endpoint) => ({
      name: endpoint.name,
      handlers: {
        '*': async (_message: unknown, _entity: unknown, send: (options: object) => void) => {
          for (const to of endpoint.sendsTo) send({ type: 'Next', to });
        },
      },
    }));
    const all = hostedEndpoints(profile, deployment, definitions as never);
    return all.filter(({ definition }) => definition.name === name);
  }

  /** Applies a plan with backups in a folder of the deployment's. */
  apply(plan: Plan): Promise<ApplyReport> {
    return applyPlan(this.operation, {
      ...{ plan, executor: executorOf(plan.action), resume: true, canary: [] },
      ...{ ratePerSecond: null, stopOn: null, reason: null, backupFolder: this.backups },
    });
  }

  get backups(): string {
    return join(this.folder, 'backups');
  }

  /** Waits until an endpoint's queue is empty. */
  async drained(name: string): Promise<void> {
    const { broker } = this.operation.endpoint(name).ports;
    await eventually(
      `${name} is empty`,
      patience,
      () => broker.depth(name),
      ({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0,
    );
  }

  async close(): Promise<void> {
    for (const open of this.#gates) open();
    await Promise.all(this.#runtimes.map((runtime) => runtime.stop(0)));
    await this.operation.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
