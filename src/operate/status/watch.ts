/** The status again and again, through times in which it cannot be had. */
import { asOncectlError, type OncectlError } from '../../engine/errors.js';
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
