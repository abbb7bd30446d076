/** Opens an outbox that another library wrote, by its kind. */
import type { Client } from 'pg';
import type { ForeignOutbox } from '../../engine/foreign.js';
import { type MassTransitOutbox, openMassTransit } from './masstransit.js';
import { type NServiceBusOutbox, openNServiceBus } from './nservicebus.js';
import { openPlainTable, type PlainTable } from './plain-table.js';
import { Sessions } from './sessions.js';
import { openTransactionalOutbox, type TransactionalOutbox } from './transactional-outbox.js';

/** Where an outbox lies, and how it is laid out there. */
export type ForeignSource =
  | NServiceBusOutbox
  | MassTransitOutbox
  | TransactionalOutbox
  | PlainTable;

export interface ForeignOptions {
  /** Of the profile. */
  readonly name: string;
  readonly source: ForeignSource;
  /** A connected client; rejects with an `OncectlError`. */
  readonly connect: () => Promise<Client>;
  /** Host, port and database, for messages. */
  readonly shown: string;
}

/** Connects to nothing yet. */
export function openForeignOutbox({ name, source, connect, shown }: ForeignOptions): ForeignOutbox {
  const sessions = new Sessions(connect, `outbox ${name}, ${shown}`);
  switch (source.kind) {
    case 'nservicebus':
      return openNServiceBus({ name, ...source }, sessions);
    case 'masstransit':
      return openMassTransit({ name, ...source }, sessions);
    case 'pg-transactional-outbox':
      return openTransactionalOutbox({ name, ...source }, sessions);
    case 'table':
      return openPlainTable({ name, ...source }, sessions);
  }
}
