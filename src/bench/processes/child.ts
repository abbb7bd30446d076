/** What the processes of a run have in common: their channel, their orders, their end. */
import { asOncectlError } from '../../engine/errors.js';
import type { FromProcess, ProcessConfig, ToProcess } from './messages.js';

/** What a process does with its orders. `configure` answers what it set up. */
export interface ChildRole {
  configure(config: ProcessConfig): Promise<void>;
  handle(order: ToProcess): Promise<void> | void;
}

export function tell(message: FromProcess): void {
  if (process.connected) process.send?.(message);
}

/**
 * Runs `role` in this process until it is stopped or its parent is gone. SIGINT is the parent's to
 * handle: a terminal sends it to all of them at once.
 */
export function runChild(role: ChildRole): void {
  process.on('SIGINT', () => {});
  // Not process.exit: it waits for a write under way, which waits for this thread, and both hold the
  // store's lock for ever. The stores are made for being killed.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', (order: ToProcess) => {
    void obey(role, order);
  });
}

async function obey(role: ChildRole, order: ToProcess): Promise<void> {
  try {
    if (order.type !== 'configure') {
      await role.handle(order);
      return;
    }
    await role.configure(order.config);
    tell({ type: 'ready' });
  } catch (thrown) {
    const { kind, message, about, hint } = asOncectlError(thrown);
    tell({ type: 'failed', error: { kind, message, about, hint } });
  }
}

/** Seconds of processor time and peak memory of this process since it began. */
export function usage(): { readonly cpuSeconds: number; readonly peakRssBytes: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakRssBytes: maxRSS * 1024 };
}
