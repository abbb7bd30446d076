/** Names LMDB's and the file system's errors; no vendor code leaves this folder. */
import { type ErrorKind, type Happened, OncectlError } from '../../engine/errors.js';

interface Named {
  readonly match: RegExp;
  readonly kind: ErrorKind;
  readonly what: string;
  readonly hint: string;
}

const named: readonly Named[] = [
  {
    match: /MDB_MAP_FULL|mapsize limit/i,
    kind: 'map-full',
    what: 'the embedded store has reached its map size',
    hint: 'raise deployment.embedded.mapSize in the profile and start again; nothing is lost',
  },
  {
    match: /ENOSPC|No space left|\(28\)/i,
    kind: 'disk-full',
    what: 'the disk is full',
    hint: 'free some space; the store goes on where it stopped',
  },
  {
    match: /EEXIST|ENOTDIR/i,
    kind: 'format',
    what: 'there is a file where the folder of the deployment should be',
    hint: 'choose another folder',
  },
  {
    match: /EROFS|EACCES|EPERM|Permission denied|Read-only file system/i,
    kind: 'read-only',
    what: 'the folder of the embedded store cannot be written',
    hint: 'check the owner and the mount of the folder',
  },
  {
    match: /MDB_INVALID|MDB_VERSION_MISMATCH|not an LMDB file|MDB_CORRUPTED|MDB_PAGE_NOTFOUND/i,
    kind: 'format',
    what: 'this is not a store that oncectl wrote, or it is damaged',
    hint: 'point the deployment at another folder; this file was not touched',
  },
  {
    match: /MDB_NOTFOUND|No matching key|MDB_BAD_TXN/i,
    kind: 'unreachable',
    what: 'the embedded store did not take a write',
    hint: 'it is tried again; if it goes on, stop all processes of the deployment and start them again',
  },
  {
    match: /Input\/output error|EIO/i,
    kind: 'disk-full',
    what: 'the disk did not take a write (it is full, or failing)',
    hint: 'check free space and the kernel log; the store goes on where it stopped',
  },
];

/**
 * The error to show for whatever LMDB threw. A full map aborts its transaction, so `happened` is then
 * `no`; otherwise it is the caller's `happened`.
 */
export function storageError(thrown: unknown, path: string, happened: Happened): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const text = describe(thrown);
  const found = named.find((candidate) => candidate.match.test(text));
  if (!found) {
    return new OncectlError('bug', `the embedded store failed: ${text}`, {
      about: path,
      happened,
      cause: thrown,
    });
  }
  return new OncectlError(found.kind, found.what, {
    about: path,
    happened: found.kind === 'map-full' ? 'no' : happened,
    hint: found.hint,
    cause: thrown,
  });
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = (thrown as { code?: unknown }).code;
  return code === undefined ? thrown.message : `${thrown.message} (${String(code)})`;
}

/**
 * The reason behind a failed commit. lmdb attaches it as a second promise, whose rejection, unheard,
 * would end the process; it can also stay unsettled, so it is waited for only a moment.
 */
export async function causeOf(thrown: unknown): Promise<unknown> {
  const second = (thrown as { commitError?: unknown } | null)?.commitError;
  if (!(second instanceof Promise)) return thrown;
  const reason = second.then(
    () => thrown,
    (cause: unknown) => cause,
  );
  const moment = new Promise((resolve) => setTimeout(() => resolve(thrown), 100));
  return Promise.race([reason, moment]);
}
