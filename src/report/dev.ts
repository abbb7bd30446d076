/** `dev`: the variables of the local servers, and the table of what runs. */
import type { ServerState } from '../dev/local-servers.js';
import type { ServerRecord } from '../dev/records.js';
import type { Environment } from '../dev/server.js';
import type { Table } from './output.js';

/** What makes clients find all of the servers. */
export function commonEnvironment(servers: readonly ServerRecord[]): Environment {
  return Object.assign({}, ...servers.map(({ environment }) => environment));
}

/** One `export NAME=value` a line, for a shell to evaluate. */
export function exportLines(environment: Environment): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

function quoted(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A row for each server that was started. */
export function serverTable(servers: readonly ServerState[]): Table {
  return {
    columns: [
      { name: 'server' },
      { name: 'port', align: 'right' },
      { name: 'pid', align: 'right' },
      { name: 'state' },
    ],
    rows: servers.map(({ name, port, pid, running }) => [name, port, pid, running ? 'up' : 'gone']),
    empty: 'No servers here. Start them: oncectl dev up',
  };
}
