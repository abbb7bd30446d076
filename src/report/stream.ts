/** NDJSON of a command that runs for long: its last line is always `summary` or `error`. */

import type { ErrorData } from './documents/error.js';
import type { Streams } from './documents/table.js';

/** What a stream tells, by the type of the event. */
export type EventsOf<Name extends keyof Streams> = Streams[Name] & { readonly error: ErrorData };

export interface EventStream<Events> {
  /** Writes one line `{"schema":"oncectl/<name>.event/v1","seq","t","type","data"}`. */
  emit<Type extends keyof Events>(type: Type, data: Events[Type]): void;
}

interface Failing {
  readonly error: ErrorData;
}

let current: EventStream<Failing> | undefined;

/**
 * Opens the process's one stream. From then on an error that ends the process is written as the
 * stream's last line, so that a reader can tell a cut stream from a finished one.
 *
 * @param name command with dots, `bench.run`
 * @param write takes one line with its newline
 */
export function openStream<Name extends keyof Streams>(
  name: Name,
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): EventStream<EventsOf<Name>> {
  let sequence = 0;
  const stream: EventStream<EventsOf<Name>> = {
    emit(type, data) {
      sequence += 1;
      const schema = `oncectl/${name}.event/v1`;
      write(`${JSON.stringify({ schema, seq: sequence, t: now().toISOString(), type, data })}\n`);
      if (type === 'summary' || type === 'error') current = undefined;
    },
  };
  current = stream;
  return stream;
}

/** The stream that still waits for its last line, if there is one. */
export function unfinishedStream(): EventStream<Failing> | undefined {
  return current;
}
