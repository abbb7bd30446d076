import * as Flags from '@oclif/core/flags';
import type { WorkFailure } from '../src/deployment/work.js';
import type { ResultOf } from '../src/report/documents/table.js';
import { OncectlCommand } from './base.js';
import { deploymentArgs, deploymentFlags, loadDeployment } from './deployment-command.js';

const reportEveryMs = 5000;
const graceMs = 10_000;

export default class Worker extends OncectlCommand {
  static override summary =
    'Handle the messages of a deployment, from any machine that reaches it.';
  static override description =
    `Runs the deployment's endpoints in this process, beside any number of other workers, until Ctrl-C
or SIGTERM: then it finishes what is in flight (at most 10 s) and leaves the rest to the others.
Endpoints without handlers of their own run the bench's. Needs what deploy up makes.`;
  static override args = deploymentArgs;
  static override flags = {
    ...deploymentFlags,
    endpoint: Flags.string({
      description: 'Only this endpoint. Can be given again.',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    name: Flags.string({
      description: 'Name in the records it writes; by host and process if left out.',
    }),
  };
  static override examples = [
    '<%= config.bin %> worker shop.yaml',
    '<%= config.bin %> worker shop.yaml --endpoint billing --endpoint shipping',
  ];

  protected override async obtain(): Promise<ResultOf<'worker'>> {
    const given = await this.parse(Worker);
    const { profile, folder, warnings } = await loadDeployment(given);
    const { hostname } = await import('node:os');
    const { startWork } = await import('../src/deployment/work.js');
    const { benchEndpoint } = await import('../src/bench/bench-handlers.js');
    const { HistogramOfInterval } = await import('../src/load/histograms.js');
    const { WorkLines } = await import('../src/report/work.js');
    const { endpoint: endpoints = [], name = `${hostname()}-${process.pid}` } = given.flags;
    await this.checkNames(endpoints, profile.deployment.endpoints);
    const lines = new WorkLines((text) => process.stderr.write(text));
    const stopped = this.untilSignal();
    const work = await startWork({
      ...{ profile, folder, worker: name, endpoints, byDefault: benchEndpoint },
      newLatency: () => new HistogramOfInterval(),
      onFailure: (failure: WorkFailure) => lines.failed(failure),
      onUnreceived: (endpoint, error) => lines.unreceived(endpoint, error),
    });
    lines.started(name, profile, endpoints);
    const timer = setInterval(() => lines.tick(work.handled(), work.inFlight()), reportEveryMs);
    const signal = await stopped;
    clearInterval(timer);
    lines.stopping(work.inFlight());
    await work.stop(graceMs);
    const data = { worker: name, handled: work.handled(), signal };
    const text = `${name} handled ${work.handled()} messages\n`;
    const exitCode = signal === 'SIGINT' ? 130 : 143;
    return { name: 'worker', data, text, ids: [name], warnings, exitCode };
  }

  private untilSignal(): Promise<NodeJS.Signals> {
    return new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
    });
  }

  private async checkNames(
    wanted: readonly string[],
    known: readonly { readonly name: string }[],
  ): Promise<void> {
    const names = known.map(({ name }) => name);
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown === undefined) return;
    const { OncectlError } = await import('../src/engine/errors.js');
    const { didYouMean } = await import('../src/profile/nearest.js');
    throw new OncectlError(
      'usage',
      `there is no endpoint "${unknown}"${didYouMean(unknown, names)}`,
      {
        about: '--endpoint',
        hint: `there are: ${names.join(', ')}`,
      },
    );
  }
}
