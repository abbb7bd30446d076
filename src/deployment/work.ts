/** A worker on its own: handles a deployment's messages until it is told to stop. */

import { Cells } from '../engine/control/cells.js';
import { type IntervalLatency, startHeartbeat } from '../engine/control/heartbeat.js';
import { OncectlError } from '../engine/errors.js';
import type { EndpointDefinition } from '../engine/handler.js';
import { startRuntime } from '../engine/runtime/runtime.js';
import type { EndpointProfile, Profile } from '../profile/types.js';
import { deployStatus } from './deploy.js';
import { definitionsOf, hostedEndpoints } from './host.js';
import { openDeployment } from './open.js';
import type { ProvisionOptions } from './provision.js';

export interface WorkOptions {
  readonly profile: Profile;
  /** Folder of what of it is embedded. */
  readonly folder: string;
  /** Name of this worker in the records that it writes. */
  readonly worker: string;
  /** Handles these endpoints only; empty: all of them. */
  readonly endpoints: readonly string[];
  /** For endpoints without handlers of their own. */
  readonly byDefault: (endpoint: EndpointProfile) => EndpointDefinition;
  /** What a heartbeat measures with; left out: the worker tells nothing of itself. */
  readonly newLatency?: () => IntervalLatency;
  readonly onFailure: (failure: WorkFailure) => void;
  /** Nothing can be received for this endpoint for now; it is tried again. */
  readonly onUnreceived: (endpoint: string, error: OncectlError) => void;
}

export interface WorkFailure {
  readonly endpoint: string;
  readonly messageId: string;
  readonly error: OncectlError;
  /** It will be tried again, or it was put aside as a dead letter. */
  readonly what: 'released' | 'dead';
}

export interface Work {
  /** Messages committed so far. */
  handled(): number;
  inFlight(): number;
  /** Finishes what is in flight, or releases it after `graceMs`; then closes the stores. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Opens the stores and begins. Errors: the backends' own, `not-found` when something of the deployment
 * is missing or outdated, `profile` for handlers that do not load.
 */
export async function startWork(options: WorkOptions): Promise<Work> {
  const { profile, folder, worker, endpoints: chosen } = options;
  const definitions = await definitionsOf(profile, options.byDefault);
  await refuseWhatIsNotDeployed({ profile, folder });
  const deployment = await openDeployment({ profile, folder, worker, maintain: true });
  let handled = 0;
  const all = hostedEndpoints(profile, deployment, definitions);
  const here = all.filter(({ definition: { name } }) => isChosen(name, chosen));
  const control = new Cells(deployment.ports.business);
  const endpoints = here.map(({ definition: { name } }) => name);
  const { newLatency } = options;
  const heartbeat = newLatency
    ? startHeartbeat({ cells: control, worker, endpoints, newLatency })
    : null;
  const { visibilityMs, retentionMs, maxAttempts, backoffMs } = profile.deployment;
  const runtime = startRuntime({
    worker,
    endpoints: here,
    visibilityMs,
    retentionMs,
    maxAttempts,
    backoffMs,
    audit: false,
    control,
    observer: {
      committed: (delivery, times) => {
        handled++;
        heartbeat?.committed(delivery, times);
      },
      failed: (delivery, error, what) => {
        const { endpoint, id } = delivery.message;
        heartbeat?.failed(delivery, error);
        options.onFailure({ endpoint, messageId: id, error, what });
      },
      unreceived: (endpoint, error) => {
        heartbeat?.unreceived(endpoint, error);
        options.onUnreceived(endpoint, error);
      },
    },
  });
  return {
    handled: () => handled,
    inFlight: () => runtime.inFlight(),
    stop: async (graceMs) => {
      await runtime.stop(graceMs);
      await heartbeat?.stop();
      await deployment.close();
    },
  };
}

/** A missing queue would only ever be heard of when something is sent to it. */
async function refuseWhatIsNotDeployed(options: ProvisionOptions): Promise<void> {
  const resources = await deployStatus(options);
  // An embedded deployment comes into being when it is opened.
  const lacking = resources.filter(({ backend, state }) => {
    return backend !== 'embedded' && state !== 'ready' && state !== 'unused';
  });
  const [first] = lacking;
  if (!first) return;
  const more = lacking.length > 1 ? `, and ${lacking.length - 1} more are not ready` : '';
  throw new OncectlError('not-found', `the ${first.kind} ${first.name} is ${first.state}${more}`, {
    about: `deployment ${options.profile.deployment.namespace}`,
    hint: 'oncectl deploy status shows all of it, oncectl deploy up makes it',
  });
}

function isChosen(name: string, chosen: readonly string[]): boolean {
  return chosen.length === 0 || chosen.includes(name);
}
