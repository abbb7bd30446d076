/**
 * Every statement, by the lane that runs it, in the order in which one round trip runs them: what takes
 * locks that others wait for comes last but for the reads.
 */
import { acknowledge } from './acknowledge.js';
import { bury } from './bury.js';
import { commit } from './commit.js';
import { addRecord, hasRecord } from './dedupe.js';
import { depth } from './depth.js';
import { drawBlock } from './draw-block.js';
import { enterSql } from './enter.js';
import {
  businessLeftovers,
  deadPages,
  dedupeLeftovers,
  entityPages,
  entryPages,
  payloadPages,
  queuePages,
  serverProcess,
  storeBytes,
} from './evidence.js';
import { extend } from './extend.js';
import { dropRecords, takeRecords } from './journal.js';
import { listDead } from './list-dead.js';
import { pendingEntries, pendingSlots } from './list-pending.js';
import { load } from './load.js';
import { notify } from './notify.js';
import { deletePayload, getPayload, putPayload } from './payload.js';
import { purgeDedupe, purgeDispatched, purgeEntered } from './purge.js';
import { receive } from './receive.js';
import { redrive } from './redrive.js';
import { release } from './release.js';
import { sendSql } from './send.js';
import { settleChecked, settleDispatched, settleRemoved, stepOfEntry } from './settle.js';
import { transactSql } from './transact.js';

interface Prepared {
  readonly name: string;
  readonly sql: string;
}

export const writeStatements: readonly Prepared[] = [
  drawBlock,
  acknowledge,
  extend,
  release,
  bury,
  redrive,
  settleChecked,
  settleDispatched,
  settleRemoved,
  deletePayload,
  putPayload,
  addRecord,
  dropRecords,
  purgeDispatched,
  purgeDedupe,
  purgeEntered,
  { name: 'send', sql: sendSql },
  { name: 'enter', sql: enterSql },
  ...(commit.prelude ? [commit.prelude] : []),
  commit,
  { name: 'transact', sql: transactSql },
];

export const readStatements: readonly Prepared[] = [
  load,
  hasRecord,
  getPayload,
  depth,
  listDead,
  pendingEntries,
  pendingSlots,
  stepOfEntry,
  takeRecords,
  queuePages,
  deadPages,
  entityPages,
  entryPages,
  payloadPages,
  businessLeftovers,
  dedupeLeftovers,
  storeBytes,
  serverProcess,
];

export const leaseStatements: readonly Prepared[] = [receive, notify];
