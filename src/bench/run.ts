/**
 * One run of a profile: provision, warm up, measure, drain, audit, result.
 *
 * Owns the order of the phases and when the processes report. The processes own the work: workers handle,
 * the generator sends, the auditor collects and judges. What happens is told through `emit`.
 *
 *  B1 The generator's process does nothing but send; this one may draw.
 *  B2 Counts are compared only once everything is drained, or it is said that it was not.
 *  B3 From the first second on, `result.json` is a whole document: a crash leaves a partial result.
 */
import { appendFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import type { AuditVerdict } from '../audit/evidence-files.js';
import { depthSettlesMs } from '../deployment/backends.js';
import { type DeploymentProvisioner, openProvisioner } from '../deployment/provision.js';
import type { GeneratorOutcome } from '../load/generator.js';
import { createSchedule } from '../load/schedule.js';
import { backendText } from '../profile/backends.js';
import { namespaceIn } from '../profile/deployment.js';
import { handledPerEntered } from '../profile/list.js';
import type { Profile } from '../profile/types.js';
import { assemble, type Gathered } from './assemble.js';
import { probeDisk } from './disk-probe.js';
import type { BenchEvent, BenchPhase, BenchSnapshot } from './events.js';
import { FaultBook } from './fault-book.js';
import { planStrikes } from './fault-plan.js';
import type { BenchOutcome } from './outcome.js';
import { ProcessHandle } from './processes/handle.js';
import type { FromProcess, LogLevel, ProcessConfig } from './processes/messages.js';
import type { BenchResult, DiskProbe, LeftBehind } from './result.js';
import { RunClock } from './run-clock.js';
import { createRunFolder, type RunFolder, writeResult } from './run-folder.js';
import { Tally } from './tally.js';
import { ended, WorkerPool } from './worker-pool.js';

export interface BenchOptions {
  readonly profile: Profile;
  readonly profileSha256: string;
  /** Folder that runs are kept under. */
  readonly out: string;
  /** The command line that repeats this run. */
  readonly command: string;
  readonly version: string;
  readonly logLevel: LogLevel;
  /** Keep the stores of a clean run. */
  readonly keep: boolean;
  readonly emit: (event: Exclude<BenchEvent, { type: 'summary' }>) => void;
}

export interface BenchRun {
  readonly folder: string;
  /** Rejects when the run could not be set up; then nothing is left behind but its folder. */
  readonly done: Promise<{ readonly result: BenchResult; readonly outcome: BenchOutcome }>;
  /** First call: stop sending, drain at most 3 s, report. Second: stop now; the partial file is valid. */
  interrupt(): void;
}

const startDelayMs = 400;
const tickMs = 1000;
const drainPollMs = 100;
const interruptedDrainMs = 3000;
const partialResultEveryTicks = 2;

/** Starts a run; it goes on by itself. Errors: of the backend, of the run's folder, `worker-lost`. */
export function startBench(options: BenchOptions): BenchRun {
  const folder = createRunFolder(options.out, options.profile.name, new Date());
  const run = new Run(options, folder);
  return { folder: folder.path, done: run.run(), interrupt: () => run.interrupt() };
}

class Run {
  readonly #options: BenchOptions;
  readonly #folder: RunFolder;
  readonly #profile: Profile;
  readonly #tally: Tally;
  readonly #stages;
  readonly #startedAt = new Date();
  readonly #faults: FaultBook;
  readonly #clock = new RunClock();
  readonly #pool: WorkerPool;
  #generatorProcess: ProcessHandle | null = null;
  #auditorProcess: ProcessHandle | null = null;
  #phase: BenchPhase = 'preparing';
  #interrupts = 0;
  #invalid: string | null = null;
  #generated: GeneratorOutcome | null = null;
  #verdict: AuditVerdict | null = null;
  #left: LeftBehind | null = null;
  #drained = false;
  #diskBefore: DiskProbe | null = null;
  #storeBytesBefore = 0;
  #provisioner: DeploymentProvisioner | null = null;
  #ticks = 0;
  #ticking: Promise<BenchSnapshot> | null = null;

  constructor(options: BenchOptions, folder: RunFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#profile = ofThisRun(options.profile, folder);
    this.#stages = createSchedule(options.profile.load, options.profile.seed, folder.id).stages;
    this.#tally = new Tally(options.profile, this.#stages);
    this.#faults = new FaultBook(() => this.#clock.startAt);
    this.#pool = new WorkerPool(this.#config('worker'), this.#workerCount(), {
      struck: (struck) => {
        this.#options.emit({ type: 'fault', fault: this.#faults.struck(struck) });
        if (struck.endpoint) this.#pool.watch(struck.endpoint, struck.id);
      },
      resumed: (id, counts) => this.#faults.resumed(id, counts),
      handledAgain: (id, at) => this.#faults.recovered(id, at),
      warning: (message) => this.#options.emit({ type: 'warning', message }),
      lost: (reason) => this.#giveUp(reason),
    });
  }

  interrupt(): void {
    this.#interrupts++;
    if (this.#interrupts === 1) {
      this.#generatorProcess?.send({ type: 'stop', graceMs: interruptedDrainMs });
    } else {
      this.#pool.kill();
      this.#generatorProcess?.kill();
      this.#auditorProcess?.kill();
    }
    this.#clock.interrupt();
  }

  async run(): Promise<{ result: BenchResult; outcome: BenchOutcome }> {
    try {
      await this.#prepare().catch((error: unknown) => {
        // An interrupt reaches processes that are only starting, too; then there is a report.
        if (this.#interrupts === 0) throw error;
      });
      await this.#load();
      await this.#drain();
      await this.#judge();
      return await this.#report();
    } finally {
      this.#clock.stop();
      this.#pool.kill();
      this.#generatorProcess?.kill();
      this.#auditorProcess?.kill();
      await this.#provisioner?.close();
    }
  }

  async #prepare(): Promise<void> {
    this.#announce();
    this.#enter('preparing', null);
    this.#diskBefore = probeDisk(this.#folder.path);
    await this.#writePartial();
    this.#provisioner = await openProvisioner({
      profile: this.#profile,
      folder: this.#folder.store,
    });
    await this.#provisioner.create();
    // One after the other: the first creates the stores.
    this.#auditorProcess = await ProcessHandle.start('auditor', this.#config('auditor'));
    this.#auditorProcess.onMessage = (message) => {
      if (message.type === 'warning') this.#options.emit(message);
    };
    await this.#pool.start();
    this.#generatorProcess = await ProcessHandle.start('generator', this.#config('generator'));
    this.#storeBytesBefore = (await this.#tick(0)).storeBytes;
    await this.#writePartial();
  }

  /** Ticks once a second and at every stage's border until the generator has sent everything. */
  async #load(): Promise<void> {
    const generated = this.#generatorProcess?.awaits(isGenerated) ?? Promise.resolve(null);
    this.#clock.startAt = Date.now() + startDelayMs;
    if (this.#interrupts > 0) return;
    this.#auditorProcess?.send({ type: 'begin', startAt: this.#clock.startAt });
    this.#pool.begin(this.#clock.startAt);
    this.#generatorProcess?.send({ type: 'begin', startAt: this.#clock.startAt });
    this.#orderStrikes();
    await this.#clock.sleepUntil(0);
    for (const [index, stage] of this.#stages.entries()) {
      await this.#tick(stage.startUs / 1000);
      this.#tally.enterStage(index);
      this.#enter(stage.measured ? 'measuring' : 'warming-up', stage.name);
      await this.#tickUntil(stage.endUs / 1000);
      if (this.#stops()) break;
    }
    this.#tally.enterStage(null);
    this.#generated = (await generated)?.outcome ?? null;
    if (!this.#generated && this.#interrupts === 0) this.#invalid ??= 'the load generator was lost';
  }

  async #tickUntil(endMs: number): Promise<void> {
    while (!this.#stops()) {
      const next = Math.min(
        endMs,
        this.#clock.elapsed() - (this.#clock.elapsed() % tickMs) + tickMs,
      );
      await this.#clock.sleepUntil(next);
      if (this.#stops()) return;
      await this.#tick(this.#clock.elapsed());
      if (next >= endMs) return;
    }
  }

  /** B2: nothing visible, in flight or delayed; nobody frozen; every worker idle. */
  async #drain(): Promise<void> {
    this.#enter('draining', null);
    const limit = this.#interrupts > 0 ? interruptedDrainMs : this.#profile.drain.timeoutMs;
    const deadline = Date.now() + limit;
    const quietMs = depthSettlesMs(this.#profile);
    let quiet = 0;
    let quietSince = Date.now();
    while (Date.now() < deadline && this.#interrupts < 2 && this.#invalid === null) {
      const snapshot = await this.#tick(this.#clock.elapsed());
      const totals = this.#tally.running.now();
      const waiting = snapshot.backlog.reduce((sum, { messages }) => sum + messages, 0);
      // Twice in a row: between two looks a message may be on its way from one store to another.
      quiet = waiting === 0 && totals.inFlight === 0 && !totals.frozen ? quiet + 1 : 0;
      if (quiet === 0) quietSince = Date.now();
      this.#drained = quiet >= 2 && Date.now() - quietSince >= quietMs;
      if (this.#drained) return;
      await this.#clock.pause(drainPollMs);
    }
  }

  async #judge(): Promise<void> {
    this.#enter('auditing', null);
    if (this.#interrupts >= 2) return;
    await this.#pool.stop(this.#drained ? 2000 : 500);
    this.#generatorProcess?.send({ type: 'stop', graceMs: 0 });
    const audited = this.#auditorProcess?.awaits(isAuditEnd) ?? Promise.resolve(null);
    const aborted = this.#interrupts > 0 || this.#invalid !== null;
    this.#auditorProcess?.send({ type: 'finish', drained: this.#drained, aborted });
    const answer = await audited;
    if (answer?.type === 'audited') {
      this.#verdict = answer.verdict;
      this.#left = answer.left;
    } else if (this.#interrupts < 2) {
      const why = answer?.type === 'failed' ? answer.error.message : 'its process ended';
      this.#invalid ??= `the audit could not be finished: ${why}`;
    }
  }

  async #report(): Promise<{ result: BenchResult; outcome: BenchOutcome }> {
    this.#enter('reporting', null);
    this.#auditorProcess?.send({ type: 'stop', graceMs: 0 });
    const processes = [this.#generatorProcess, this.#auditorProcess];
    await Promise.all(processes.map((handle) => handle && ended(handle, 3000)));
    const { result, outcome } = assemble(this.#gathered(probeDisk(this.#folder.path)));
    await writeResult(this.#folder.path, result);
    const isClean = outcome === 'done' || outcome === 'threshold';
    const leftSomething = !this.#drained || (this.#verdict?.pending ?? 0) > 0;
    if (isClean && !this.#options.keep && !leftSomething) await this.#removeStores();
    this.#enter('done', null);
    return { result, outcome };
  }

  async #removeStores(): Promise<void> {
    await this.#provisioner?.remove();
    await rm(this.#folder.evidence, { recursive: true, force: true });
  }

  /** One round of reports; never two at a time. */
  async #tick(atMs: number): Promise<BenchSnapshot> {
    await this.#ticking;
    this.#ticking = this.#tickNow(atMs);
    return this.#ticking;
  }

  async #tickNow(atMs: number): Promise<BenchSnapshot> {
    const [workers, generator, auditor] = await Promise.all([
      this.#pool.reports(),
      this.#generatorProcess?.report() ?? null,
      this.#auditorProcess?.report() ?? null,
    ]);
    const { user, system } = process.cpuUsage();
    const viewCpuSeconds = (user + system) / 1e6;
    const at = this.#clock.startAt === 0 ? atMs : Math.max(atMs, this.#clock.elapsed());
    const snapshot = this.#tally.take(
      at,
      { workers, generator, auditor, viewCpuSeconds },
      this.#phase,
    );
    this.#options.emit(snapshot);
    await appendFile(join(this.#folder.path, 'intervals.ndjson'), `${JSON.stringify(snapshot)}\n`);
    if (++this.#ticks % partialResultEveryTicks === 0) await this.#writePartial();
    return snapshot;
  }

  /** B3. */
  async #writePartial(): Promise<void> {
    const { result } = assemble({ ...this.#gathered(null), aborted: true });
    await writeResult(this.#folder.path, { ...result, status: 'aborted' });
  }

  #gathered(diskAfter: DiskProbe | null): Gathered {
    const { profileSha256, command, version } = this.#options;
    return {
      runId: this.#folder.id,
      command,
      version,
      profile: this.#profile,
      profileSha256,
      startedAt: this.#startedAt,
      tally: this.#tally,
      faults: this.#faults.records(),
      generator: this.#generated,
      verdict: this.#verdict,
      invalid: this.#invalid,
      aborted: this.#interrupts > 0,
      drained: this.#drained,
      left: this.#left,
      disk: { before: this.#diskBefore, after: diskAfter },
      workerProcesses: this.#pool.size,
      storeBytesBefore: this.#storeBytesBefore,
    };
  }

  #announce(): void {
    const profile = this.#profile;
    const { load, deployment } = profile;
    const planned = this.#stages.reduce((sum, { count }) => sum + count, 0);
    this.#options.emit({
      type: 'start',
      runId: this.#folder.id,
      folder: asTyped(this.#folder.path),
      profile: profile.name,
      protocol: deployment.protocol,
      backend: backendText(deployment),
      seed: profile.seed,
      endpoints: deployment.endpoints.map(({ name }) => name),
      stages: load.stages.map(({ name, measured, durationMs }) => ({ name, measured, durationMs })),
      plannedEntering: planned,
      plannedHandled: Math.round(planned * handledPerEntered(profile)),
      thresholds: profile.thresholds.map(({ text }) => text),
    });
  }

  #orderStrikes(): void {
    for (const { atMs, strike } of planStrikes(this.#profile)) {
      this.#clock.after(atMs + startDelayMs, () => {
        if (!this.#stops() && this.#phase !== 'draining') this.#pool.strike(strike, strike.id);
      });
    }
  }

  #giveUp(reason: string): void {
    this.#invalid ??= reason;
    this.#generatorProcess?.send({ type: 'stop', graceMs: interruptedDrainMs });
    this.#clock.interrupt();
  }

  #stops(): boolean {
    return this.#interrupts > 0 || this.#invalid !== null;
  }

  #enter(phase: BenchPhase, stage: string | null): void {
    this.#phase = phase;
    this.#options.emit({ type: 'phase', phase, stage, note: null });
  }

  #workerCount(): number {
    return this.#profile.workers > 0
      ? this.#profile.workers
      : Math.max(1, availableParallelism() - 1);
  }

  #config(name: string): ProcessConfig {
    return {
      name,
      profile: this.#profile,
      runId: this.#folder.id,
      runFolder: this.#folder.path,
      storeFolder: this.#folder.store,
      evidenceFolder: this.#folder.evidence,
      logLevel: this.#options.logLevel,
    };
  }
}

/** Every run has stores of its own, so that its audit counts nothing of another's. */
function ofThisRun(profile: Profile, { namespace }: RunFolder): Profile {
  const islands = profile.deployment.islands.map((island) => ({
    ...island,
    namespace: namespaceIn(namespace, island.name),
  }));
  return { ...profile, deployment: { ...profile.deployment, namespace, islands } };
}

/** As the user would type it from where the bench was started. */
function asTyped(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}

function isGenerated(message: FromProcess): message is Extract<FromProcess, { type: 'generated' }> {
  return message.type === 'generated';
}

type AuditEnd = Extract<FromProcess, { type: 'audited' } | { type: 'failed' }>;

function isAuditEnd(message: FromProcess): message is AuditEnd {
  return message.type === 'audited' || message.type === 'failed';
}
