/**
 * Writes whole frames to a terminal, changed lines only, each at its absolute place.
 *
 * ink's own incremental writer is not used: 6.8 counts one line too few upwards when a frame is
 * shorter than the screen and clears the scrollback when it is not. So ink runs in its debug mode,
 * where every write is one complete frame, and this file finds out what changed.
 */
import type { ReadStream, WriteStream } from 'node:tty';

const beginUpdate = '\u001b[?2026h';
const endUpdate = '\u001b[?2026l';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class FrameWriter {
  #shown: readonly string[] = [];
  #size: Size = { columns: 80, rows: 24 };
  #open = false;

  constructor(private readonly stdout: WriteStream) {}

  get size(): Size {
    return this.#size;
  }

  /** Clears the screen of this size and lets frames through; the next one is written in full. */
  open(size: Size): void {
    this.#size = size;
    this.#shown = [];
    this.#open = true;
    this.stdout.write('\u001b[2J\u001b[H');
  }

  /** Drops every further frame. */
  close(): void {
    this.#open = false;
  }

  write(frame: string): void {
    if (!this.#open) return;
    const lines = frame.split('\n').slice(0, this.#size.rows);
    const changed = lines.map((line, row) =>
      line === this.#shown[row] ? '' : this.#place(line, row),
    );
    const gone = this.#shown
      .slice(lines.length)
      .map((_, row) => this.#place('', lines.length + row));
    this.#shown = lines;
    const bytes = [...changed, ...gone].join('');
    if (bytes !== '') this.stdout.write(beginUpdate + bytes + endUpdate);
  }

  /** A line that fills its row must not be followed by "erase to the end": that takes its last cell. */
  #place(line: string, row: number): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences take no room
    const width = [...line.replace(/\u001b\[[\d;]*m/g, '')].length;
    const erase = width < this.#size.columns ? '\u001b[K' : '';
    return `\u001b[${row + 1};1H${line}${erase}`;
  }
}

/** The stream that ink writes its frames to; it reports the writer's size and no resize. */
export function frameStream(stdout: WriteStream, writer: FrameWriter): WriteStream {
  const write = (frame: string, ...rest: unknown[]): boolean => {
    if (!frame.startsWith('\u001b[?')) writer.write(frame);
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(() => done());
    return true;
  };
  const on = (event: string, listener: (...values: unknown[]) => void): WriteStream =>
    event === 'resize' ? stdout : stdout.on(event, listener);
  return overlay(stdout, {
    write: () => write,
    on: () => on,
    columns: () => writer.size.columns,
    rows: () => writer.size.rows,
  });
}

/** Raw mode belongs to the terminal's owner; ink must not switch it. */
export function inputStream(stdin: ReadStream): ReadStream {
  return overlay(stdin, { setRawMode: () => () => stdin });
}

function overlay<Stream extends object>(
  stream: Stream,
  replaced: Readonly<Record<string, () => unknown>>,
): Stream {
  return new Proxy(stream, {
    get(target, property) {
      const own = typeof property === 'string' ? replaced[property] : undefined;
      if (own !== undefined) return own();
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
