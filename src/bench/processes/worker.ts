/** A worker process: hosts every endpoint of the deployment, so that a crash is a crash. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OncectlError } from '../../engine/errors.js';
import type { EndpointDefinition } from '../../engine/handler.js';
import type { Delivery } from '../../engine/message.js';
import { Meter, metered } from '../../engine/meter.js';
import type { Ports } from '../../engine/ports.js';
import { protocols } from '../../engine/protocols/index.js';
import {
  type HostedEndpoint,
  type Runtime,
  type RuntimeObserver,
  startRuntime,
} from '../../engine/runtime/runtime.js';
import { planStages } from '../../load/rates.js';
import { stageAt } from '../../load/schedule.js';
import { sink } from '../../profile/endpoints.js';
import type { EndpointProfile, FaultProfile } from '../../profile/types.js';
import { benchEndpoint } from '../bench-handlers.js';
import { type OpenedDeployment, openDeployment } from '../deployment.js';
import { runChild, tell, usage } from './child.js';
import type { ProcessConfig, ToProcess, WorkerReport } from './messages.js';
import { staleReads } from './stale-reads.js';
import { WorkerEvidence } from './worker-evidence.js';
import { cutOff, WorkerFaults } from './worker-faults.js';
import { WorkerLog } from './worker-log.js';
import { lastEndpoints, WorkerMeasures } from './worker-measures.js';

/** Largest body a handler may send: what every backend of this version carries. */
const maxBodyBytes = 8 * 1024 * 1024;

class Worker {
  readonly #config: ProcessConfig;
  readonly #definitions: readonly EndpointDefinition[];
  readonly #deployment: OpenedDeployment;
  readonly #meter = new Meter();
  readonly #measures: WorkerMeasures;
  readonly #evidence: WorkerEvidence | null;
  readonly #log: WorkerLog;
  readonly #faults: WorkerFaults;
  readonly #ports: Ports;
  readonly #watched = new Map<string, number[]>();
  #runtime: Runtime | null = null;

  /** `definitions`: of the profile's endpoints, in their order. */
  constructor(
    config: ProcessConfig,
    deployment: OpenedDeployment,
    definitions: readonly EndpointDefinition[],
  ) {
    const { profile, name, evidenceFolder, runFolder } = config;
    this.#config = config;
    this.#definitions = definitions;
    this.#deployment = deployment;
    const stages = planStages(profile.load.stages);
    const last = lastEndpoints(profile.deployment.endpoints, sink);
    this.#measures = new WorkerMeasures((atUs) => stageAt(stages, atUs), last);
    this.#evidence = profile.audit ? new WorkerEvidence(evidenceFolder, name) : null;
    this.#log = new WorkerLog(runFolder, name, config.logLevel);
    this.#faults = new WorkerFaults({
      faults: profile.faults,
      broker: deployment.ports.broker,
      runtime: () => this.#running(),
      isIsland: deployment.ports.island !== undefined,
      strikeFile: join(runFolder, `strikes-${name}.ndjson`),
      onDuplicate: (message) => this.#evidence?.duplicated(message),
    });
    this.#ports = this.#faultyPorts(metered(deployment.ports, this.#meter), profile.faults);
  }

  begin(startAt: number): void {
    const { profile, name } = this.#config;
    const { visibilityMs, retentionMs, maxAttempts, backoffMs, endpoints } = profile.deployment;
    this.#measures.begin(startAt);
    const hosted = endpoints.map((endpoint, index) => this.#host(endpoint, index));
    this.#runtime = startRuntime({
      worker: name,
      endpoints: hosted,
      visibilityMs,
      retentionMs,
      maxAttempts,
      backoffMs,
      audit: profile.audit,
      observer: this.#observer(),
    });
    this.#log.write('info', 'started', { endpoints: hosted.length });
  }

  arm(order: Extract<ToProcess, { type: 'strike' }>): void {
    this.#faults.arm(order.strike);
  }

  watch(endpoint: string, id: number): void {
    this.#watched.set(endpoint, [...(this.#watched.get(endpoint) ?? []), id]);
  }

  report(id: number): void {
    const worker: WorkerReport = {
      ...this.#measures.counts(),
      inFlight: this.#runtime?.inFlight() ?? 0,
      frozen: this.#faults.frozen,
      injected: { ...this.#faults.injected },
      operations: this.#meter.counts,
      flushes: this.#deployment.counts(),
    };
    const intervals = this.#measures.recorders.takeInterval();
    tell({ type: 'report', id, report: { ...usage(), intervals, worker } });
  }

  async stop(graceMs: number): Promise<void> {
    await this.#runtime?.stop(graceMs);
    await this.#deployment.close();
    this.#log.write('info', 'stopped', this.#measures.counts());
    tell({ type: 'stopped' });
  }

  #running(): Runtime {
    if (!this.#runtime) throw new OncectlError('bug', 'a fault struck before the worker ran');
    return this.#runtime;
  }

  #host(profile: EndpointProfile, index: number): HostedEndpoint {
    const names = this.#config.profile.deployment.endpoints.map(({ name }) => name);
    const definition = this.#definitions[index];
    if (!definition) throw new OncectlError('bug', `${profile.name} has no definition`);
    return {
      definition,
      protocol: protocols[profile.protocol],
      ports: this.#ports,
      limits: { sendsTo: profile.sendsTo, mayName: new Set([...names, sink]), maxBodyBytes },
      concurrency: profile.concurrency,
    };
  }

  #faultyPorts(ports: Ports, faults: readonly FaultProfile[]): Ports {
    const kinds = new Set(faults.map(({ kind }) => kind));
    let result = ports;
    if (kinds.has('stale-read')) {
      const share = Math.max(
        ...faults.map(({ kind, share }) => (kind === 'stale-read' ? share : 0)),
      );
      result = { ...result, business: staleReads(result.business, share) };
    }
    if (!kinds.has('partition')) return result;
    const cut = <T extends object>(store: T, name: string) =>
      cutOff(store, name, () => this.#faults.isCut(name));
    return {
      broker: cut(result.broker, 'broker'),
      business: cut(result.business, 'business'),
      dedupe: cut(result.dedupe, 'dedupe'),
      payload: cut(result.payload, 'payload'),
      ...(result.island ? { island: cut(result.island, 'business') } : {}),
    };
  }

  #observer(): RuntimeObserver {
    const hasFaults = this.#config.profile.faults.length > 0;
    const logsSteps = this.#log.keeps('step');
    return {
      received: (_endpoint, deliveries) => {
        this.#evidence?.received(deliveries);
        this.#measures.received(deliveries);
        if (hasFaults) this.#faults.received(deliveries);
      },
      fetched: (delivery, body) => this.#evidence?.fetched(delivery, body),
      committed: (delivery, times) => {
        this.#measures.committed(delivery, times);
        if (this.#watched.size > 0) this.#handledAgain(delivery);
      },
      conflicted: () => {
        this.#measures.conflicts++;
      },
      failed: (delivery, error, what) => {
        this.#measures.failures++;
        this.#log.write('error', what, { message: delivery.message.id, error: error.message });
      },
      lostPayload: ({ message }) => {
        this.#log.write('error', 'payload lost, finished from the entry', { message: message.id });
      },
      ...(hasFaults ? this.#faultHooks(logsSteps) : logsSteps ? this.#stepLog() : {}),
    };
  }

  #faultHooks(logsSteps: boolean): RuntimeObserver {
    return {
      diverts: (delivery) => this.#faults.diverts(delivery),
      dropsAck: (delivery) => this.#faults.dropsAck(delivery),
      boundary: (delivery, step) => {
        if (logsSteps) this.#logStep(delivery, step);
        return this.#faults.boundary(delivery, step);
      },
    };
  }

  #stepLog(): RuntimeObserver {
    return {
      boundary: (delivery, step) => {
        this.#logStep(delivery, step);
        return undefined;
      },
    };
  }

  #logStep({ message }: Delivery, step: string): void {
    this.#log.write('step', step, { message: message.id, endpoint: message.endpoint });
  }

  #handledAgain({ message }: Delivery): void {
    const ids = this.#watched.get(message.endpoint) ?? [];
    this.#watched.delete(message.endpoint);
    for (const id of ids) tell({ type: 'handled-again', id, at: Date.now() });
  }
}

/** The bench's own endpoint, or the user's, from the file that the profile names. */
async function definitionOf(profile: EndpointProfile): Promise<EndpointDefinition> {
  if (!profile.handlers) return benchEndpoint(profile);
  const { file, export: name } = profile.handlers;
  const about = `${file}#${name}`;
  const module = (await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw new OncectlError('profile', `the handlers cannot be loaded: ${String(cause)}`, { about });
  })) as Readonly<Record<string, unknown>>;
  const found = module[name] as Partial<EndpointDefinition> | undefined;
  const handlers = (found?.handlers ?? found) as EndpointDefinition['handlers'] | undefined;
  if (handlers && typeof handlers === 'object') return { name: profile.name, handlers };
  throw new OncectlError('profile', `there is no endpoint or handler table "${name}" in it`, {
    about,
  });
}

let worker: Worker | null = null;

runChild({
  async configure(config) {
    const { profile, storeFolder: folder, name } = config;
    // Before anything is opened: a mistake in a user's own file ends the run before it begins.
    const definitions = await Promise.all(profile.deployment.endpoints.map(definitionOf));
    const deployment = await openDeployment({ profile, folder, worker: name, maintain: true });
    worker = new Worker(config, deployment, definitions);
  },
  async handle(order) {
    if (order.type === 'begin') worker?.begin(order.startAt);
    if (order.type === 'report') worker?.report(order.id);
    if (order.type === 'strike') worker?.arm(order);
    if (order.type === 'watch') worker?.watch(order.endpoint, order.id);
    if (order.type !== 'stop') return;
    await worker?.stop(order.graceMs);
    process.disconnect();
  },
});
