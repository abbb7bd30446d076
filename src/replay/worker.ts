/** A worker process of a replay: the real runtime on the real stores, a step at a time. */
import { openEmbedded } from '../backends/embedded/index.js';
import { asOncectlError } from '../engine/errors.js';
import { endpoint, type Handler } from '../engine/handler.js';
import { protocols } from '../engine/protocols/index.js';
import { startRuntime } from '../engine/runtime/runtime.js';
import { mutants, scenarioOf } from '../verify/mutants/index.js';
import { appending, type PureHandler, sink } from '../verify/scenario.js';
import type { Order, WorkerConfig } from './messages.js';
import { Stepper } from './stepper.js';

const queue = 'orders';

function tell(did: string): void {
  if (process.connected) process.send?.({ did });
}

const stepper = new Stepper(tell);

// As all workers: the stores are made for being killed, and an exit in mid-write would hang.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {});
process.on('message', (order: Order) => {
  void obey(order).catch((error) => tell(`failed: ${asOncectlError(error).message}`));
});

async function obey(order: Order): Promise<void> {
  switch (order.type) {
    case 'configure':
      await configure(order.config);
      return tell('ready');
    case 'receive':
      return stepper.receive(order.messageId);
    case 'step':
      return stepper.step(order.how);
    case 'lose-lease':
      stepper.loseLease();
      return tell('no longer prolongs its lease');
    case 'land':
      return tell(await stepper.land(order.takesPlace));
    case 'free':
      stepper.free();
      return tell('goes on by itself');
    case 'rest':
      await stepper.rest();
      return tell('at rest');
  }
}

async function configure(config: WorkerConfig): Promise<void> {
  const right = protocols[config.protocol];
  const mutant = mutants.find(({ name }) => name === config.mutant);
  const protocol = {
    ...right,
    program: mutant?.program ?? right.program,
    consumes: mutant?.acknowledges ?? right.consumes,
  };
  const handler = mutant ? scenarioOf(mutant).endpoints[0]?.handler : undefined;
  const { ports } = await openEmbedded({
    folder: config.folder,
    layout: protocol.recognisesBy === 'transaction' ? 'island' : 'separate',
    worker: config.name,
  });
  startRuntime({
    ...{ worker: config.name, visibilityMs: config.visibilityMs, retentionMs: 3_600_000 },
    ...{ maxAttempts: 1000, backoffMs: 20, audit: true, observer: stepper.observer },
    endpoints: [
      {
        definition: endpoint<Record<string, unknown>>({
          name: queue,
          handlers: { '*': real(handler ?? appending) },
        }),
        protocol,
        ports: stepper.around(ports),
        limits: { sendsTo: [sink], mayName: new Set([sink]), maxBodyBytes: 100_000 },
        concurrency: 8,
      },
    ],
  });
}

/** The verifier's handler, as one of production. */
function real(handler: PureHandler): Handler {
  return ({ id, key, body }, entity, send) => {
    const before = typeof entity.state === 'string' ? entity.state : '';
    const { state, sends } = handler({ id, key, body: String(body) }, before, '');
    if (state !== before) entity.state = state;
    for (const { to, body: text } of sends) send({ type: 'M', to, body: text });
  };
}
