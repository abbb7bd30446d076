/**
 * The auditor process: receives at the sink, takes the commit records out of the stores while the run
 * goes on (so that they stay small), and judges the evidence at the end. Its cost is metered apart.
 */
import { audit } from '../../audit/audit.js';
import type { AuditVerdict } from '../../audit/evidence-files.js';
import { writeEntities, writeLeftovers, writePending } from '../../audit/final-files.js';
import { EvidenceWriter } from '../../audit/writer.js';
import { type OpenedDeployment, openDeployment } from '../../deployment/open.js';
import { asOncectlError } from '../../engine/errors.js';
import { sink } from '../../profile/endpoints.js';
import { replayBench } from '../bench-handlers.js';
import { runChild, tell, usage } from './child.js';
import { leftBehind } from './left-behind.js';
import type { ProcessConfig } from './messages.js';
import { Sink } from './sink.js';

const collectEveryMs = 250;
/** Small transactions: the workers wait for the same lock. */
const recordsAtATime = 250;
const dropTries = 5;

class Auditor {
  readonly #config: ProcessConfig;
  readonly #deployment: OpenedDeployment;
  readonly #commits: EvidenceWriter | null;
  /** One for each island that something leaves the deployment from. */
  readonly #sinks: readonly Sink[];
  #collecting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #committed = 0;

  constructor(config: ProcessConfig, deployment: OpenedDeployment) {
    this.#config = config;
    this.#deployment = deployment;
    const { profile, evidenceFolder, name } = config;
    const keeps = profile.audit && deployment.evidence !== null;
    this.#commits = keeps ? new EvidenceWriter(evidenceFolder, 'commits', name) : null;
    const islands = [...deployment.islands.values()].filter(({ queues }) => queues.includes(sink));
    const arrivals = profile.audit ? new EvidenceWriter(evidenceFolder, 'arrivals', sink) : null;
    const { visibilityMs } = profile.deployment;
    this.#sinks = islands.map(({ ports }) => new Sink(ports, arrivals, visibilityMs));
  }

  begin(): void {
    for (const one of this.#sinks) one.start();
    if (!this.#commits) return;
    this.#timer = setInterval(() => {
      this.#collecting = this.#collecting.then(() => this.#collect(4000)).catch(warn);
    }, collectEveryMs);
  }

  async report(id: number): Promise<void> {
    const depth = await this.#deployment.depth();
    const auditor = {
      committed: this.#committed,
      sunk: this.#sinks.reduce((sum, { received }) => sum + received, 0),
      depth: [...depth],
      storeBytes: await this.#deployment.storeBytes(),
      serverCpuSeconds: await this.#deployment.serverCpuSeconds(),
    };
    tell({ type: 'report', id, report: { ...usage(), intervals: [], auditor } });
  }

  /** Everything is stopped: writes the last evidence and judges it all. */
  async finish(drained: boolean, aborted: boolean): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#collecting;
    await Promise.all(this.#sinks.map((one) => one.stop()));
    await this.#collect(Number.POSITIVE_INFINITY);
    const verdict = await this.#judge(drained, aborted);
    const { profile } = this.#config;
    const left = await leftBehind(profile, this.#deployment, verdict?.orphans ?? 0);
    tell({ type: 'audited', verdict, left });
  }

  async close(): Promise<void> {
    await this.#deployment.close();
    tell({ type: 'stopped' });
  }

  async #collect(most: number): Promise<void> {
    const { evidence } = this.#deployment;
    if (!evidence || !this.#commits) return;
    for (let taken = 0; taken < most; ) {
      const records = await evidence.takeRecords(recordsAtATime);
      if (records.length === 0) return;
      this.#commits.commits(records);
      await persistently(() => evidence.dropTaken());
      taken += records.length;
      this.#committed += records.length;
      if (records.length < recordsAtATime) return;
    }
  }

  async #judge(drained: boolean, aborted: boolean): Promise<AuditVerdict | null> {
    const { evidence } = this.#deployment;
    const { evidenceFolder, profile } = this.#config;
    if (!evidence || !this.#commits) return null;
    await writeEntities(evidenceFolder, evidence.entities());
    await writePending(evidenceFolder, evidence.pending());
    const leftovers = await evidence.leftovers(Date.now());
    await writeLeftovers(evidenceFolder, { ...leftovers, drained, orphans: await this.#orphans() });
    const deterministic = profile.deployment.endpoints.every(({ handlers }) => handlers === null);
    return audit(evidenceFolder, {
      sinks: [sink],
      deterministic,
      ...(deterministic ? { replay: replayBench } : {}),
      aborted,
    });
  }

  /** Payloads that no waiting message, no entry and no slot names: put by attempts that lost. */
  async #orphans(): Promise<number> {
    const { evidence } = this.#deployment;
    if (!evidence) return 0;
    const named = new Set<string>();
    for await (const id of evidence.referencedPayloads()) named.add(id);
    let orphans = 0;
    for await (const { id } of evidence.payloads()) if (!named.has(id)) orphans++;
    return orphans;
  }
}

/** Records that are in the evidence must leave the store: taken twice they would look doubled. */
async function persistently(task: () => Promise<void>): Promise<void> {
  for (let attempt = 1; attempt < dropTries; attempt++) {
    try {
      return await task();
    } catch (error) {
      warn(error);
    }
  }
  await task();
}

function warn(error: unknown): void {
  tell({ type: 'warning', message: `the auditor: ${asOncectlError(error).message}` });
}

let auditor: Auditor | null = null;

runChild({
  async configure(config) {
    const { profile, storeFolder: folder, name } = config;
    const deployment = await openDeployment({ profile, folder, worker: name, maintain: false });
    auditor = new Auditor(config, deployment);
  },
  async handle(order) {
    if (order.type === 'begin') auditor?.begin();
    if (order.type === 'report') await auditor?.report(order.id);
    if (order.type === 'finish') await auditor?.finish(order.drained, order.aborted);
    if (order.type !== 'stop') return;
    await auditor?.close();
    process.disconnect();
  },
});
