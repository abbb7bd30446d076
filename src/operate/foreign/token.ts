/**
 * The token of a foreign row: the payload that a receiver by token takes as the right to handle it. A
 * payload id is never put twice (R6), and a message that is sent again must name the payload that the
 * first one named; so which payload that is gets written down, in a cell of the deployment, before any
 * message names it.
 *
 *  1. write down a fresh id, not yet put (conditional);  2. put it;  3. write down that it is put
 *  (conditional on 1);  4. send, naming it.
 *
 * Only an id that is written down as put is ever named, and once one is, the cell never changes: all
 * sends of a row name one payload, whoever sends them and however late. Who dies before 3, or is
 * overtaken, leaves a payload that no message will ever name; the next one deletes it.
 */
import type { Cells } from '../../engine/control/cells.js';
import { Conflict, OncectlError } from '../../engine/errors.js';
import type { PayloadReference } from '../../engine/message.js';
import type { PayloadStore } from '../../engine/ports.js';

export interface TokenOptions {
  readonly cells: Cells;
  readonly payload: PayloadStore;
  readonly newId: () => string;
  /** Called after `note` and `put`. */
  readonly boundary?: ((step: string) => Promise<void> | void) | undefined;
}

export interface Tokened {
  readonly messageId: string;
  /** Of the row. */
  readonly digest: string;
  readonly body: Uint8Array;
}

interface Note {
  readonly payload: string;
  readonly digest: string;
  readonly put: boolean;
}

/**
 * The payload to name. Rejects with the stores' errors, after which the same call may be repeated; with
 * `refused` when the row was changed after its token had been made: it may have been sent as it was.
 */
export async function tokenOf(message: Tokened, options: TokenOptions): Promise<PayloadReference> {
  const { cells, payload } = options;
  const name = `foreign-${message.messageId}`;
  for (;;) {
    const { value: note, version } = await cells.read<Note>(name);
    if (note?.put) return { id: checked(note, message).payload, store: payload.name };
    try {
      const id = await makeToken(message, { name, version }, options);
      if (note) await payload.delete(note.payload);
      return { id, store: payload.name };
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}

/** Steps 1 to 3. Rejects with `Conflict` when somebody else was faster. */
async function makeToken(
  { messageId, digest, body }: Tokened,
  { name, version }: { readonly name: string; readonly version: number },
  { cells, payload, newId, boundary }: TokenOptions,
): Promise<string> {
  const id = newId();
  const noted = await cells.write(name, version, { payload: id, digest, put: false });
  await boundary?.('note');
  await payload.put(id, body, { endpoint: '', messageId, attempt: id });
  await boundary?.('put');
  try {
    await cells.write(name, noted, { payload: id, digest, put: true });
  } catch (error) {
    if (error instanceof Conflict) await payload.delete(id);
    throw error;
  }
  return id;
}

function checked(note: Note, { messageId, digest }: Tokened): Note {
  if (note.digest === digest) return note;
  throw new OncectlError('refused', 'the row was changed after it may have been sent', {
    about: `message ${messageId}`,
    hint: 'oncectl inspect tells what became of it; mark the row, or write a new one',
  });
}
