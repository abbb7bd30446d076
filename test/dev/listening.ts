/** What the processes of this machine listen on, from `/proc`. */
import { readFileSync } from 'node:fs';

const listenState = '0A';

/** Addresses that somebody listens on at a port, as `/proc/net` writes them, in hexadecimal. */
export function listeningAddresses(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === listenState && local.endsWith(`:${wanted}`))
      .map(([, local = '']) => local.slice(0, local.indexOf(':'))),
  );
}

/** 127.0.0.1 in the byte order of this machine, which is the one of all machines we test on. */
export const loopback = '0100007F';
