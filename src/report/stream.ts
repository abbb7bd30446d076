/** NDJSON of a command that runs for long: its last line is always `summary` or `error`. */

export type StreamEventType = 'snapshot' | 'change' | 'progress' | 'warning' | 'summary' | 'error';

export interface EventStream {
  /** Writes one line `{"schema":"oncectl/<name>.event/v1","seq","t","type","data"}`. */
  emit(type: StreamEventType, data: unknown): void;
}

let current: EventStream | undefined;

/**
 * Opens the process's one stream. From then on an error that ends the process is written as the
 * stream's last line, so that a reader can tell a cut stream from a finished one.
 *
 * @param name command with dots, `bench.run`
 * @param write takes one line with its newline
 */
export function openStream(
  name: string,
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): EventStream {
  let sequence = 0;
  current = {
    emit(type, data) {
      sequence += 1;
      const schema = `oncectl/${name}.event/v1`;
      write(`${JSON.stringify({ schema, seq: sequence, t: now().toISOString(), type, data })}\n`);
      if (type === 'summary' || type === 'error') current = undefined;
    },
  };
  return current;
}

/** The stream that still waits for its last line, if there is one. */
export function unfinishedStream(): EventStream | undefined {
  return current;
}
