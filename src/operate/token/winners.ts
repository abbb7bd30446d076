/**
 * Which payloads a repaired entry named: kept when a repair finishes it, for the entry goes, and with it
 * what proves of other payloads that their attempts lost. A cell for each repaired message with payloads.
 */
import type { Cells } from '../../engine/control/cells.js';
import type { Entry, Slot } from '../../engine/ports.js';
import type { Win } from './look.js';

interface Winner {
  readonly transaction: string;
  readonly payloads: readonly string[];
  readonly by: string;
  readonly at: number;
}

/** Of a checked entry, or of a slot. Written before the entry or slot goes; the first to write stands. */
export async function noteWinner(
  cells: Cells,
  endpoint: string,
  kept: Pick<Entry | Slot, 'messageId' | 'transaction' | 'payloads'>,
  by: string,
): Promise<void> {
  const { messageId, transaction, payloads } = kept;
  const ids = Object.values(payloads ?? {});
  if (ids.length === 0) return;
  const winner: Winner = { transaction, payloads: ids, by, at: Date.now() };
  await cells.update<Winner>(nameOf(endpoint, messageId), (known) =>
    known?.transaction === transaction ? undefined : winner,
  );
}

/** null: no repair finished that message. */
export async function notedWin(
  cells: Cells,
  endpoint: string,
  messageId: string,
): Promise<Win | null> {
  const { value } = await cells.read<Winner>(nameOf(endpoint, messageId));
  if (value === null) return null;
  return {
    ...{ endpoint, messageId, rule: 'log', attempt: null },
    says: `a repair by ${value.by} finished ${messageId} with other payloads`,
    transaction: value.transaction,
    payloads: new Set(value.payloads),
  };
}

function nameOf(endpoint: string, messageId: string): string {
  return `token/winner/${endpoint}/${messageId}`;
}
