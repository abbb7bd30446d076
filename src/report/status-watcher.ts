/** Shows a status that is watched: a picture, a stream of events, or a line each time. */
import { isoTime } from '../engine/iso-time.js';
import type { StatusQuery } from '../operate/status/status.js';
import type { WatchedStatus } from '../operate/status/watch.js';
import type { StatusData } from './documents/status.js';
import { InPlace, type InPlaceTarget } from './in-place.js';
import { type OutputOptions, renderResult } from './output.js';
import { staleLine, statusData, statusResult, verdictOf } from './status.js';
import { openStream } from './stream.js';

export interface StatusWatcher {
  show(watched: WatchedStatus): void;
  /** Leaves the terminal, or the stream, as whoever comes next expects it. */
  end(): void;
}

export function statusWatcher(
  name: string,
  query: StatusQuery,
  output: OutputOptions,
  target: InPlaceTarget,
): StatusWatcher {
  if (output.format === 'json') return streamed(target);
  if (output.format !== 'terminal') return inLines(target);
  const place = new InPlace(target);
  return {
    show: (watched) => {
      const now = Date.now();
      const result = statusResult(name, watched.status, query, false);
      const text = renderResult(result, output, new Date(now)).stdout;
      const head = staleLine(watched, now) ?? `${name}  ${isoTime(watched.status.at)}`;
      place.draw([head, ...text.trimEnd().split('\n')]);
    },
    end: () => place.end(),
  };
}

function streamed(target: InPlaceTarget): StatusWatcher {
  const stream = openStream('status', (line) => target.write(line));
  let last: StatusData | null = null;
  return {
    show: ({ status, trouble }) => {
      if (trouble) {
        stream.emit('warning', { message: trouble.message, asOf: isoTime(status.at) });
        return;
      }
      last = statusData(status);
      stream.emit('snapshot', last);
    },
    // Without one, the error that ends the process is the stream's last line.
    end: () => {
      if (last) stream.emit('summary', last);
    },
  };
}

function inLines(target: InPlaceTarget): StatusWatcher {
  return {
    show: (watched) => {
      const now = Date.now();
      const said = staleLine(watched, now) ?? verdictOf(watched.status);
      target.write(`${isoTime(now)}\t${said}\n`);
    },
    end: () => {},
  };
}
