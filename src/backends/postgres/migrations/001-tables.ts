/**
 * Version 1: all tables. What keeps them fast over a long run:
 *
 * queue       One index. Its order is (endpoint, due, copy): `due` is fixed when a copy is queued, and
 *             a lease writes only columns that no index has, so it is a HOT update that later commits
 *             clean up by themselves, with room for it in every page (fillfactor 50). A copy handed
 *             over as it is queued is never updated at all. The receipt is the index key with the
 *             number of the delivery. Rows live for moments, so the table stays as large as its
 *             backlog; vacuum comes by number of dead rows, not by share of a table that is mostly
 *             dead, and does not pause.
 * entities    One index on text that no update touches, and room in every page (fillfactor) for the
 *             next version of a row: updates are HOT. A slot is rare, its index is partial.
 * entries     What is pending and nothing else, so it stays small, and listing what is pending reads
 *             no index of its own. What was dispatched moves to `dispatched`, written once and purged
 *             by time: the index on the time grows at its right end only.
 * dedupe,     Written once, found by key, purged by expiry; the second index grows at its right end.
 * entered
 * journal     Commit records for the audit, in an order in which two commits of one entity never swap:
 *             the number is drawn while the entity's row is locked.
 *
 * Text is compared byte by byte (collation C): faster, the same on every server, and no upgrade of an
 * operating system's locale ever breaks an index.
 */
export const tables = `
create sequence copy_blocks;

create table queue (
  endpoint text collate "C" not null,
  due bigint not null,
  copy bigint not null,
  leased_until bigint not null,
  receives integer not null,
  holder text collate "C",
  failures bytea,
  message_id text collate "C" not null,
  message bytea not null,
  primary key (endpoint, due, copy)
) with (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 50000
);
comment on table queue is
  'Copies of messages; due and leased_until in microseconds since the epoch, by the server''s clock.';

create table dead (
  endpoint text collate "C" not null,
  copy bigint not null,
  dead_at double precision not null,
  receives integer not null,
  failures bytea,
  message_id text collate "C" not null,
  message bytea not null,
  primary key (endpoint, copy)
);
comment on table dead is 'Dead letters, with the reason as the last of their failures.';

create table entities (
  endpoint text collate "C" not null,
  key text collate "C" not null,
  version bigint not null,
  transaction text collate "C",
  state bytea,
  slot bytea,
  registry bytea,
  primary key (endpoint, key)
) with (
  fillfactor = 60,
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
create index entities_with_slot on entities (endpoint, key) where slot is not null;
comment on table entities is 'States; a row is never removed, its version counts every write.';

create table entries (
  endpoint text collate "C" not null,
  message_id text collate "C" not null,
  key text collate "C" not null,
  transaction text collate "C" not null,
  step text collate "C" not null,
  worker text collate "C" not null,
  committed_at double precision not null,
  outgoing bytea not null,
  bodies bytea,
  payloads bytea,
  token text collate "C",
  primary key (endpoint, message_id)
) with (
  fillfactor = 85,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 50000
);
comment on table entries is 'Outbox entries that are not yet dispatched.';

create table dispatched (
  endpoint text collate "C" not null,
  message_id text collate "C" not null,
  key text collate "C" not null,
  transaction text collate "C" not null,
  worker text collate "C" not null,
  committed_at double precision not null,
  dispatched_at double precision not null,
  primary key (endpoint, message_id)
) with (
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
create index dispatched_by_time on dispatched (dispatched_at);
comment on table dispatched is 'What is left of dispatched entries, until their retention is over.';

create table dedupe (
  endpoint text collate "C" not null,
  message_id text collate "C" not null,
  by text collate "C" not null,
  at double precision not null,
  expires double precision not null,
  primary key (endpoint, message_id)
) with (
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
create index dedupe_by_expiry on dedupe (expires);
comment on table dedupe is 'Ids of handled messages; an expired one counts as absent.';

create table entered (
  endpoint text collate "C" not null,
  message_id text collate "C" not null,
  by text collate "C" not null,
  at double precision not null,
  expires double precision not null,
  primary key (endpoint, message_id)
) with (
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
create index entered_by_expiry on entered (expires);
comment on table entered is 'Ids of messages that came into the island from outside.';

create table payloads (
  id text collate "C" not null primary key,
  body bytea not null,
  endpoint text collate "C" not null,
  message_id text collate "C" not null,
  attempt text collate "C" not null,
  at double precision not null
) with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table payloads is 'Bodies; the presence of one is the token.';

create table journal (
  position bigint generated always as identity primary key,
  record bytea not null
) with (
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table journal is 'Commit records, until the audit took them.';
`;
