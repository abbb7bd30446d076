/** The status again and again, through times in which it cannot be had. */
import { asOncectlError, type OncectlError } from '../../engine/errors.js';
import { pause } from '../../engine/pause.js';
import type { Operation } from '../operation.js';
import { type DeploymentStatus, type StatusQuery, statusOf } from './status.js';

export interface WatchedStatus {
  /** The last that could be had. */
  readonly status: DeploymentStatus;
  /** Why there is no newer one; null when it is new. */
  readonly trouble: OncectlError | null;
}

/** Until the signal. Rejects with the stores' error only when the first status cannot be had. */
export async function* watchStatus(
  operation: Operation,
  query: StatusQuery,
  everyMs: number,
  signal: AbortSignal,
): AsyncIterable<WatchedStatus> {
  let status = await statusOf(operation, query);
  yield { status, trouble: null };
  for (;;) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    let trouble: OncectlError | null = null;
    try {
      status = await statusOf(operation, query);
    } catch (error) {
      trouble = asOncectlError(error);
    }
    if (signal.aborted) return;
    yield { status, trouble };
  }
}
