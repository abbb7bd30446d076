/** A worker process: hosts every endpoint of the deployment, so that a crash is a crash. */

import { join } from 'node:path';
import { definitionsOf, hostedEndpoints } from '../../deployment/host.js';
import { type OpenedDeployment, openDeployment } from '../../deployment/open.js';
import { Cells } from '../../engine/control/cells.js';
import { OncectlError } from '../../engine/errors.js';
import type { EndpointDefinition } from '../../engine/handler.js';
import type { Delivery } from '../../engine/message.js';
import { Meter, metered } from '../../engine/meter.js';
import type { Ports } from '../../engine/ports.js';
import { type Runtime, type RuntimeObserver, startRuntime } from '../../engine/runtime/runtime.js';
import { planStages } from '../../load/rates.js';
import { stageAt } from '../../load/schedule.js';
import { sink } from '../../profile/endpoints.js';
import type { FaultProfile } from '../../profile/types.js';
import { benchEndpoint } from '../bench-handlers.js';
import { runChild, tell, usage } from './child.js';
import type { ProcessConfig, ToProcess, WorkerReport } from './messages.js';
import { staleReads } from './stale-reads.js';
import { WorkerEvidence } from './worker-evidence.js';
import { cutOff, WorkerFaults } from './worker-faults.js';
import { WorkerLog } from './worker-log.js';
import { lastEndpoints, WorkerMeasures } from './worker-measures.js';

class Worker {
  readonly #config: ProcessConfig;
  readonly #definitions: readonly EndpointDefinition[];
  readonly #deployment: OpenedDeployment;
  readonly #meter = new Meter();
  readonly #measures: WorkerMeasures;
  readonly #evidence: WorkerEvidence | null;
  readonly #log: WorkerLog;
  readonly #faults: WorkerFaults;
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
    const { endpoints } = profile.deployment;
    const last = lastEndpoints(endpoints, sink);
    const inOneTransaction = endpoints.filter(({ protocol }) => protocol === 'local-transaction');
    const islands = new Set(inOneTransaction.map(({ name }) => name));
    const brokers = new Map(endpoints.map((one) => [one.name, deployment.portsOf(one).broker]));
    this.#measures = new WorkerMeasures((atUs) => stageAt(stages, atUs), last);
    this.#evidence = profile.audit ? new WorkerEvidence(evidenceFolder, name) : null;
    this.#log = new WorkerLog(runFolder, name, config.logLevel);
    this.#faults = new WorkerFaults({
      faults: profile.faults,
      brokerOf: (endpoint) => brokers.get(endpoint) ?? deployment.ports.broker,
      runtime: () => this.#running(),
      isIsland: (endpoint) => islands.has(endpoint),
      strikeFile: join(runFolder, `strikes-${name}.ndjson`),
      onDuplicate: (message) => this.#evidence?.duplicated(message),
    });
  }

  begin(startAt: number): void {
    const { profile, name } = this.#config;
    const { visibilityMs, retentionMs, maxAttempts, backoffMs } = profile.deployment;
    this.#measures.begin(startAt);
    const around = (ports: Ports) => this.#faultyPorts(metered(ports, this.#meter), profile.faults);
    const hosted = hostedEndpoints(profile, this.#deployment, this.#definitions, around);
    this.#runtime = startRuntime({
      worker: name,
      endpoints: hosted,
      visibilityMs,
      retentionMs,
      maxAttempts,
      backoffMs,
      audit: profile.audit,
      control: new Cells(this.#deployment.ports.business),
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
      unreceived: (endpoint, error) => {
        this.#log.write('error', 'cannot receive', { endpoint, error: error.message });
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

let worker: Worker | null = null;

runChild({
  async configure(config) {
    const { profile, storeFolder: folder, name } = config;
    // Before anything is opened: a mistake in a user's own file ends the run before it begins.
    const definitions = await definitionsOf(profile, benchEndpoint);
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
