/**
 * Keeps the opening of a deployment's environments apart from the commits of every other process.
 *
 * Why: `mdb_env_open2` of the LMDB inside lmdb 3 (dependencies/lmdb/libraries/liblmdb/mdb.c) reads the
 * header and then sets the shared `mti_txnid` to the transaction found there, also when others are at
 * work. A commit that falls between the two is rolled back: reported as durable, and lost.
 *
 * G1 Who opens holds the write lock of `gate.mdb`, has left its mark in the folder, and has seen no
 *    other process inside a write that had not seen the mark.
 * G2 Who writes enters inside its write transaction: it registers as a reader of `gate.mdb`, then looks
 *    for the mark. With the mark there it writes nothing, and tries again once the opening is over.
 * G3 Nothing is ever committed to `gate.mdb`, so opening it can roll nothing back.
 * G4 Locks and registrations of a killed process are cleared by LMDB, a mark left behind by whoever
 *    gets the lock next.
 *
 * Registering before looking against marking before counting is Dekker's order: one of the two sees
 * the other.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type RootDatabase } from 'lmdb';
import { OncectlError } from '../../engine/errors.js';
import { storageError } from './storage-error.js';

/** Held while a write that saw no mark is under way. */
export interface Pass {
  leave(): void;
}

export interface GateOptions {
  readonly folder: string;
  /** How long an opening waits for writes under way in other processes, ms. */
  readonly patienceMs?: number;
}

export const openingMark = 'opening';
const defaultPatienceMs = 30_000;
const lookAgainMs = 1;
const mapSizeBytes = 1 << 20;

export class Gate {
  readonly #gate: RootDatabase<Buffer, string>;
  readonly #mark: string;
  readonly #patienceMs: number;
  #held = false;

  /** Errors: as of opening an environment. */
  constructor(options: GateOptions) {
    this.#mark = join(options.folder, openingMark);
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
    const path = join(options.folder, 'gate.mdb');
    try {
      this.#gate = open<Buffer, string>({
        path,
        noSubdir: true,
        encoding: 'binary',
        mapSize: mapSizeBytes,
        maxReaders: 1024,
        overlappingSync: false,
        eventTurnBatching: false,
      } as Parameters<typeof open>[0]) as RootDatabase<Buffer, string>;
    } catch (error) {
      throw storageError(error, path, 'no');
    }
  }

  /**
   * Runs `work`, which opens environments, while nobody commits (G1). Errors: those of `work`;
   * `unreachable` when a process has been inside a write for longer than the patience.
   */
  async whileNobodyCommits<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#locked(async () => {
      writeFileSync(this.#mark, '');
      try {
        await this.#othersGone();
        return await work();
      } finally {
        rmSync(this.#mark, { force: true });
      }
    });
  }

  /** Inside a write transaction, before its first write (G2). Null: write nothing, `settle` first. */
  enter(): Pass | null {
    // biome-ignore lint/correctness/useHookAtTopLevel: lmdb's, not React's.
    const registration = this.#gate.useReadTransaction();
    const leave = () => {
      registration.done();
      this.#gate.resetReadTxn();
    };
    if (!existsSync(this.#mark)) return { leave };
    leave();
    return null;
  }

  /** Resolves when the opening that a mark announced is over, or its process dead (G4). */
  settle(): Promise<void> {
    return this.#locked(async () => rmSync(this.#mark, { force: true }));
  }

  /** This process has the lock that every opening needs. */
  get isHeld(): boolean {
    return this.#held;
  }

  async close(): Promise<void> {
    await this.#gate.close();
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const [outcome] = await this.#gate
      .transaction(async () => {
        this.#held = true;
        // lmdb would commit, not abort, after a rejection, and report it late: it is carried out as a value.
        return [
          await work().then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          ),
        ] as const;
      })
      .finally(() => {
        this.#held = false;
      });
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  async #othersGone(): Promise<void> {
    const giveUpAt = performance.now() + this.#patienceMs;
    for (let others = this.#writers(); others.length > 0; others = this.#writers()) {
      if (performance.now() > giveUpAt) throw stuck(others, this.#mark);
      await sleep(lookAgainMs);
    }
  }

  /** Other live processes inside a write that may not have seen the mark. */
  #writers(): number[] {
    this.#gate.resetReadTxn();
    this.#gate.readerCheck();
    return parseReaders(this.#gate.readerList()).filter((pid) => pid !== process.pid);
  }
}

/** Processes with a snapshot in LMDB's listing `pid thread txnid`, where `-` is none. */
function parseReaders(listing: string): number[] {
  const rows = listing.split('\n').map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([pid, , txn]) => /^\d+$/.test(pid ?? '') && txn !== '-')
    .map(([pid]) => Number(pid));
}

function stuck(pids: readonly number[], about: string): OncectlError {
  const who = pids.length === 1 ? `process ${pids[0]} is` : `processes ${pids.join(', ')} are`;
  return new OncectlError('unreachable', `${who} inside a write and does not come to its end`, {
    about,
    happened: 'no',
    hint: 'resume the process if it is stopped, or end it; then try again',
  });
}
