/**
 * A schedule of the verifier on real stores: the endpoint runtime of production in processes of their
 * own, on an embedded deployment, a step at a time, with real kills. What the verifier found on
 * simulated stores then shows on real ones, or does not.
 */
import { type EmbeddedDeployment, openEmbedded } from '../backends/embedded/index.js';
import { OncectlError } from '../engine/errors.js';
import { IdSource } from '../engine/ids.js';
import type { Message } from '../engine/message.js';
import { protocols } from '../engine/protocols/index.js';
import { type Move, scenarioFor, type TraceFile, type Violation } from '../verify/index.js';
import { Conductor } from './conductor.js';
import { judge } from './judge.js';
import { Receiver } from './receiver.js';
import { refuseWhatIsNotReal } from './refuse.js';

export interface Replayed {
  /** What the real stores show at the end; null: nothing was lost, doubled or leaked. */
  readonly violation: Violation | null;
  readonly steps: readonly ReplayedStep[];
  /** The first step at which the real stores answered otherwise than the simulated ones. */
  readonly divergedAt: number | null;
  readonly kills: number;
}

export interface ReplayedStep {
  readonly move: Move;
  /** What came of it on the real stores. */
  readonly did: string;
}

export interface ReplayOptions {
  /** Empty, and the caller's to remove. */
  readonly folder: string;
  /** `right`: the protocol takes the steps in place of the mutant that the schedule is of. */
  readonly protocol?: 'right' | 'as in the trace';
  readonly onStep?: (index: number) => void;
}

/**
 * Takes the schedule's steps, lets everything come to rest, and judges the stores.
 *
 * @throws OncectlError `usage` for a schedule that real stores cannot follow: of a store that deviates,
 *   of a mutant whose error lies in its stores
 */
export async function replayOnStores(file: TraceFile, options: ReplayOptions): Promise<Replayed> {
  const isRight = options.protocol === 'right';
  refuseWhatIsNotReal(file);
  const layout = file.protocol === 'local-transaction' ? 'island' : 'separate';
  const deployment = await openEmbedded({ folder: options.folder, layout, worker: 'conductor' });
  const { entered, bounds } = scenarioFor(file);
  const mutant = isRight ? null : file.mutant;
  const receiver = new Receiver(deployment.ports);
  const conductor = new Conductor({ deployment, receiver, folder: options.folder, mutant, file });
  try {
    for (const message of entered) await enter(deployment, file, message, bounds.copies);
    await conductor.begin();
    const steps: ReplayedStep[] = [];
    for (const [index, move] of file.steps.entries()) {
      options.onStep?.(index);
      steps.push({ move, did: await conductor.take(move, index) });
    }
    const hasEnded = await conductor.comeToRest();
    const found = [...conductor.violations, ...(await judge(deployment, entered, receiver))];
    if (!hasEnded) found.push({ invariant: 'progress', text: 'the workers do not come to an end' });
    const same = found.find(({ invariant }) => invariant === file.invariant);
    const { divergedAt, kills } = conductor;
    return { violation: same ?? found[0] ?? null, steps, divergedAt, kills };
  } finally {
    await conductor.end();
    await deployment.close();
  }
}

/** As a sender does it: with tokens one payload for all copies, into an island one row. */
async function enter(
  { ports }: EmbeddedDeployment,
  file: TraceFile,
  { id, endpoint, key, body }: { id: string; endpoint: string; key: string; body: string },
  copies: number,
): Promise<void> {
  const { recognisesBy } = protocols[file.protocol];
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const message: Message = { id, endpoint, type: 'M', key, body: bytes, headers: {} };
  if (recognisesBy === 'transaction') {
    if (!ports.island) throw new OncectlError('bug', 'an island was opened without its island');
    return ports.island.enter([message]);
  }
  let sent = message;
  if (recognisesBy === 'token') {
    const payload = new IdSource().next();
    await ports.payload.put(payload, bytes, { endpoint: '', messageId: id, attempt: payload });
    const headers = { payload: { id: payload, store: ports.payload.name } };
    sent = { ...message, body: new Uint8Array(0), headers };
  }
  for (let copy = 0; copy < copies; copy++) await ports.broker.send([sent]);
}
