/** Who acts: kept with every record of an action. */
import { hostname, userInfo } from 'node:os';

export interface Actor {
  readonly user: string;
  readonly host: string;
  /** Of oncectl. */
  readonly version: string;
}

/** Whoever runs this process. */
export function currentActor(version: string): Actor {
  return { user: userName(), host: hostname(), version };
}

/** `alice@host-1`, as reports name an actor and as records of repairs carry it. */
export function actorText({ user, host }: Pick<Actor, 'user' | 'host'>): string {
  return `${user}@${host}`;
}

/** A user without an entry in the system's list of users has a number all the same. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
