/** Processor time of a server on this machine, told from /proc: the postmaster and its children. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, whatever its kernel's tick. */
const ticksPerSecond = 100;

interface Process {
  readonly name: string;
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

/**
 * The postmaster of the server process `pid` that serves our local port; null when that is no process
 * of this machine. The title of a server process names the port of its client.
 */
export function postmasterOf(pid: number, localPort: number | null): number | null {
  const server = look(pid);
  if (server?.name !== 'postgres') return null;
  const title = read(`/proc/${pid}/cmdline`) ?? '';
  if (localPort !== null && !title.includes(`(${localPort})`)) return null;
  return look(server.parent)?.name === 'postgres' ? server.parent : null;
}

/** Seconds spent by the postmaster and all its children, living and dead; null when it is gone. */
export function cpuSecondsOf(postmaster: number): number | null {
  const main = look(postmaster);
  if (!main) return null;
  let ticks = main.own + main.ended;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const child = look(Number(name));
    if (child?.parent === postmaster) ticks += child.own + child.ended;
  }
  return ticks / ticksPerSecond;
}

function look(pid: number): Process | null {
  const stat = read(`/proc/${pid}/stat`);
  const found = stat?.match(/^\d+ \((.*)\) (.*)$/s);
  if (!found) return null;
  const fields = (found[2] ?? '').split(' ').map(Number);
  const at = (field: number) => fields[field] ?? 0;
  return {
    name: found[1] ?? '',
    parent: at(1),
    own: at(11) + at(12),
    ended: at(13) + at(14),
  };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
