/** The generator process: nothing else shares its thread, so that sending is never late on our account. */
import { protocolAt } from '../../deployment/host.js';
import { type OpenedDeployment, openDeployment } from '../../deployment/open.js';
import { Entrance } from '../../engine/enter.js';
import { OncectlError } from '../../engine/errors.js';
import { IdSource } from '../../engine/ids.js';
import { openEnteredLog } from '../../load/entered-log.js';
import { newCounters, runGenerator } from '../../load/generator.js';
import { StageRecorders } from '../../load/recorder.js';
import { createSchedule } from '../../load/schedule.js';
import type { Target } from '../../load/target.js';
import type { Profile } from '../../profile/types.js';
import { runChild, tell, usage } from './child.js';
import type { ProcessConfig } from './messages.js';

class Generator {
  readonly #config: ProcessConfig;
  readonly #deployment: OpenedDeployment;
  readonly #recorder = new StageRecorders();
  readonly #counters = newCounters();
  readonly #stopping = new AbortController();

  constructor(config: ProcessConfig, deployment: OpenedDeployment) {
    this.#config = config;
    this.#deployment = deployment;
  }

  async begin(startAt: number): Promise<void> {
    const { profile, runId, evidenceFolder, name } = this.#config;
    const log = profile.audit ? openEnteredLog(evidenceFolder, name) : null;
    const outcome = await runGenerator({
      schedule: createSchedule(profile.load, profile.seed, runId),
      target: targetOf(profile, this.#deployment),
      recorder: this.#recorder,
      counters: this.#counters,
      signal: this.#stopping.signal,
      startAt,
      ...(log ? { log } : {}),
    });
    log?.close();
    tell({ type: 'generated', outcome });
  }

  report(id: number): void {
    const intervals = this.#recorder.takeInterval();
    tell({ type: 'report', id, report: { ...usage(), intervals, generator: this.#counters } });
  }

  stopSending(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    await this.#deployment.close();
    tell({ type: 'stopped' });
  }
}

/** Messages enter through the stores of the island that their endpoint is on. */
function targetOf(profile: Profile, { islands }: OpenedDeployment): Target {
  const ids = new IdSource();
  const entrances = new Map<string, Entrance>();
  for (const [name, { ports }] of islands)
    entrances.set(name, new Entrance(ports, () => ids.next()));
  const receivers = new Map(profile.deployment.endpoints.map((one) => [one.name, one]));
  return {
    send: async (message) => {
      const receiver = receivers.get(message.endpoint);
      const entrance = receiver && entrances.get(receiver.island);
      if (!entrance) throw new OncectlError('bug', `nothing enters at ${message.endpoint}`);
      await entrance.enter(protocolAt(receiver), message);
      return 'accepted';
    },
  };
}

let generator: Generator | null = null;

runChild({
  async configure(config) {
    const { profile, storeFolder: folder, name } = config;
    const deployment = await openDeployment({ profile, folder, worker: name, maintain: false });
    generator = new Generator(config, deployment);
  },
  async handle(order) {
    if (order.type === 'begin') await generator?.begin(order.startAt);
    if (order.type === 'report') generator?.report(order.id);
    if (order.type !== 'stop') return;
    generator?.stopSending();
    if (order.graceMs > 0) return;
    await generator?.close();
    process.disconnect();
  },
});
