/**
 * Wake-ups between processes: LISTEN and NOTIFY. A notification takes a lock of the whole server at its
 * commit, so none ever rides in a message's own transaction; many endpoints share one; and none is sent
 * for what a receiver here was handed. Losing one costs a poll interval and nothing else.
 */
import type { Lane } from './lane.js';
import { notify } from './statements/notify.js';

/**
 * Where the endpoint has receivers of its own here, all busy, others are likely to be as well: they
 * come back to the queue by themselves, and an idle one loses little.
 */
const busyPauseMs = 25;
/** A payload has at most 8,000 bytes. */
const mostEndpoints = 100;

export class WakeUp {
  onWake: (endpoints: readonly string[]) => void = () => {};
  onMissed: () => void = () => {};
  readonly #channel: string;
  readonly #lane: () => Lane;
  readonly #endpoints = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isSending = false;

  constructor(channel: string, lane: () => Lane) {
    this.#channel = channel;
    this.#lane = lane;
  }

  /** Tells other processes that something became visible; at once when nobody here could take it. */
  wake(endpoint: string, isHostedHere: boolean): void {
    this.#endpoints.add(endpoint);
    if (!isHostedHere) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), busyPauseMs);
  }

  /** Somebody here has taken it all meanwhile. */
  forget(endpoint: string): void {
    this.#endpoints.delete(endpoint);
  }

  heard(payload: string): void {
    this.onWake(payload.split('\n'));
  }

  /** A connection that listens was made anew: what was said meanwhile is lost. */
  missed(): void {
    this.onMissed();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#endpoints.clear();
  }

  #send(): void {
    if (this.#isSending || this.#endpoints.size === 0) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const endpoints = [...this.#endpoints].slice(0, mostEndpoints);
    for (const endpoint of endpoints) this.#endpoints.delete(endpoint);
    this.#isSending = true;
    const op = { channel: this.#channel, payload: endpoints.join('\n') };
    this.#lane()
      .submit(notify, op, 'at once')
      .catch(() => {})
      .finally(() => {
        this.#isSending = false;
        this.#send();
      });
  }
}
