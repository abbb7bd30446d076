/** Turns what is due into messages, one after the other, and logs each before anyone can send it. */
import { hashOf } from '../engine/evidence.js';
import type { Message } from '../engine/message.js';
import type { EnteredLog } from './entered-log.js';
import { MessageIds } from './message-ids.js';
import type { MessageCursor, Schedule } from './schedule.js';
import { generatedType } from './target.js';

/** A message on its way in. */
export interface Entering {
  readonly message: Message;
  readonly stage: number;
  /** Empty when nothing is logged. */
  readonly bodyHash: string;
  /** Ms since the epoch, with fractions. */
  readonly intendedAt: number;
  sentAt: number;
  attempts: number;
}

export class EnteringMessages {
  readonly #cursor: MessageCursor;
  readonly #ids: MessageIds;
  readonly #schedule: Schedule;
  readonly #startAt: number;
  readonly #log: EnteredLog | undefined;

  /** `startAt`: when the load starts, ms since the epoch. */
  constructor(schedule: Schedule, startAt: number, log?: EnteredLog) {
    this.#schedule = schedule;
    this.#startAt = startAt;
    this.#log = log;
    this.#cursor = schedule.cursor();
    this.#ids = new MessageIds(schedule.runId);
  }

  /** Messages taken so far. */
  get taken(): number {
    return this.#cursor.index;
  }

  /** Every message of the schedule was taken. */
  get done(): boolean {
    return this.#cursor.done;
  }

  /**
   * The next messages, at most `limit`: up to number `due` of the schedule, and those whose time has
   * come by `nowUs`. They stand in the log, with the operating system, as `unknown`.
   */
  take(due: number, nowUs: number, limit: number): Entering[] {
    const taken: Entering[] = [];
    const cursor = this.#cursor;
    while (taken.length < limit && (cursor.index < due || cursor.atUs <= nowUs)) {
      if (cursor.done) break;
      taken.push(this.#make());
      cursor.advance();
    }
    this.#log?.flush();
    return taken;
  }

  /** Passes over what was due by `endUs` without making it; returns how many that were in all. */
  dueBy(endUs: number): number {
    while (!this.#cursor.done && this.#cursor.atUs <= endUs) this.#cursor.advance();
    return this.#cursor.index;
  }

  #make(): Entering {
    const { index, stage, atUs, endpoint, key } = this.#cursor;
    const intendedAt = this.#startAt + atUs / 1000;
    const message: Message = {
      id: this.#ids.id(index, intendedAt),
      endpoint,
      type: generatedType,
      key,
      body: this.#schedule.body(index),
      headers: { intendedAt, sentAt: intendedAt },
    };
    const bodyHash = this.#log === undefined ? '' : hashOf(message.body);
    this.#log?.entered(message, bodyHash, 'unknown');
    return { message, stage, bodyHash, intendedAt, sentAt: 0, attempts: 0 };
  }
}
