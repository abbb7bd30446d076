/** Which endpoints an operator has paused: one cell, which all workers look at every half second. */
import type { Cells } from './cells.js';

export interface Pause {
  readonly since: number;
  readonly by: string;
  readonly reason: string | null;
}

/** By the endpoint's name. */
export type Pauses = Readonly<Record<string, Pause>>;

const cell = 'pauses';
const lookEveryMs = 500;

export async function readPauses(cells: Cells): Promise<Pauses> {
  return (await cells.read<Pauses>(cell)).value ?? {};
}

/** False: it was paused already, by whom `readPauses` tells. */
export async function pauseEndpoint(cells: Cells, name: string, pause: Pause): Promise<boolean> {
  let changed = false;
  await cells.update<Pauses>(cell, (pauses) => {
    changed = pauses?.[name] === undefined;
    return changed ? { ...pauses, [name]: pause } : undefined;
  });
  return changed;
}

/** False: it was not paused. */
export async function resumeEndpoint(cells: Cells, name: string): Promise<boolean> {
  let changed = false;
  await cells.update<Pauses>(cell, (pauses) => {
    changed = pauses?.[name] !== undefined;
    if (!changed) return undefined;
    const { [name]: _, ...others } = pauses ?? {};
    return others;
  });
  return changed;
}

export interface PauseWatch {
  /** Stops looking. */
  stop(): void;
}

/**
 * Tells which endpoints are paused, first once it was looked up, then at every change, at most half a
 * second and a read late. While the store cannot be read, what was last read stands.
 */
export function watchPauses(
  cells: Cells,
  onChange: (paused: ReadonlySet<string>) => void,
): PauseWatch {
  let last: string | null = null;
  let busy = false;
  const look = async () => {
    if (busy) return;
    busy = true;
    try {
      const names = Object.keys(await readPauses(cells)).sort();
      const text = names.join('\n');
      if (text !== last) onChange(new Set(names));
      last = text;
    } catch {
      // The ports report a store that is out of reach; what was last read stands.
    } finally {
      busy = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
