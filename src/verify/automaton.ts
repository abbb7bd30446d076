/**
 * The protocol programs as an automaton, built lazily. A paused generator can be neither copied nor
 * compared; what identifies it is the message it began with and the results fed to it so far. Such a
 * trail is a place, a small number; (place, result) -> place is looked up, and the generator itself
 * runs only the first time, from its start along the trail.
 */
import type { Effect } from '../engine/effects.js';
import { OncectlError } from '../engine/errors.js';
import type { Message } from '../engine/message.js';
import { deliver, type Protocol } from '../engine/protocols/index.js';
import { noncesIn } from './interner.js';

interface Node {
  readonly protocol: Protocol;
  readonly message: number;
  readonly trail: readonly unknown[];
  /** What the program asks for next; null when it has ended. */
  readonly effect: Effect | null;
  /** Nonces that this paused program still knows. */
  readonly mask: number;
  /** The last step changed a store: a crash here differs from a crash before it. */
  readonly afterWrite: boolean;
  readonly hasHandled: boolean;
  readonly hasFailed: boolean;
  readonly next: Map<string, number>;
}

/** What a program is told when it cannot know whether its write took place. */
const failure = new OncectlError('timeout', 'no answer in time', { happened: 'unknown' });

/** The place of a worker that works on nothing. */
export const idle = 0;

export class Automaton {
  readonly #nodes: Array<Node | null> = [null];
  readonly #starts = new Map<number, number>();
  readonly #protocolOf: (endpoint: string) => Protocol;

  constructor(protocolOf: (endpoint: string) => Protocol) {
    this.#protocolOf = protocolOf;
  }

  get places(): number {
    return this.#nodes.length;
  }

  /** Step 1 of the message's delivery. */
  start(id: number, message: Message): number {
    const known = this.#starts.get(id);
    if (known !== undefined) return known;
    const protocol = this.#protocolOf(message.endpoint);
    const mask = noncesIn(JSON.stringify(message));
    const first = deliver(protocol, message).next();
    const effect = first.done ? null : first.value;
    const fixed = { protocol, message: id, trail: [], mask, next: new Map(), hasFailed: false };
    const place = this.#add({ ...fixed, effect, afterWrite: false, hasHandled: false });
    this.#starts.set(id, place);
    return place;
  }

  /** Where the program is once `result` was fed to it; `key` names the result among all results. */
  feed(place: number, key: string, result: unknown): number {
    const node = this.#node(place);
    const known = node.next.get(key);
    if (known !== undefined) return known;
    const trail = [...node.trail, result];
    const { effect, hasFailed } = replay(node, trail);
    const mask = node.mask | noncesIn(JSON.stringify(result) ?? '');
    const { protocol, message } = node;
    const kind = node.effect?.kind;
    const next = this.#add({
      ...{ protocol, message, trail, effect, mask, next: new Map(), hasFailed },
      afterWrite: kind === 'handle' ? node.afterWrite : !isRead(kind),
      hasHandled: node.hasHandled || kind === 'handle',
    });
    node.next.set(key, next);
    return next;
  }

  /** As `feed`, with an error in place of a result. */
  feedError(place: number): number {
    return this.feed(place, 'no answer', failure);
  }

  /** The program let the error pass: it has ended, and its message was not handled. */
  hasFailed(place: number): boolean {
    return this.#node(place).hasFailed;
  }

  /** What the program asks for; null when it has ended. */
  effect(place: number): Effect | null {
    return this.#node(place).effect;
  }

  message(place: number): number {
    return this.#node(place).message;
  }

  /** How many results it took to get here: of two places of one message, which is further on. */
  depth(place: number): number {
    return place === idle ? 0 : this.#node(place).trail.length + 1;
  }

  afterWrite(place: number): boolean {
    return this.#node(place).afterWrite;
  }

  /** The program ran the handler: it took the message for a new one. */
  hasHandled(place: number): boolean {
    return this.#node(place).hasHandled;
  }

  mask(place: number): number {
    return place === idle ? 0 : this.#node(place).mask;
  }

  #node(place: number): Node {
    const node = this.#nodes[place];
    if (!node) throw new Error(`no place ${place}`);
    return node;
  }

  #add(node: Node): number {
    this.#nodes.push(node);
    return this.#nodes.length - 1;
  }
}

/** Runs the program from its start along the trail. */
function replay(
  node: Node,
  trail: readonly unknown[],
): { effect: Effect | null; hasFailed: boolean } {
  const program = deliver(node.protocol, firstMessage(node));
  let step = program.next();
  try {
    for (const result of trail) {
      step = result === failure ? program.throw(failure) : program.next(result);
    }
  } catch (error) {
    if (error !== failure) throw error;
    return { effect: null, hasFailed: true };
  }
  return { effect: step.done ? null : step.value, hasFailed: false };
}

/** Every effect carries the message of its delivery. */
function firstMessage(node: Node): Message {
  if (!node.effect) throw new Error('a program that has ended takes no result');
  return node.effect.message;
}

const readKinds: ReadonlySet<string> = new Set(['load', 'reload', 'has-record', 'get-payload']);

export function isRead(kind: string | undefined): boolean {
  return kind !== undefined && readKinds.has(kind);
}
