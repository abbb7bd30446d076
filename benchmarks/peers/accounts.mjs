/**
 * The work that every contender does for a message: add an amount to one of 1,000 accounts, and send
 * the message on to a second queue. An account is a row of about 400 bytes, a message one of about 200:
 * what the entities and messages of oncectl's own benches weigh. Accounts take turns, so that nobody
 * waits for a row and nobody makes one update of several messages.
 */
export const firstQueue = 'first';
export const secondQueue = 'second';

const accounts = 1000;

/** What fills an account up to its size. */
export const filler = 'a business entity of about four hundred bytes; '.repeat(7);

/** The body of message number `index`. */
export function bodyOf(index) {
  return { account: `account-${index % accounts}`, amount: 1, filler: 'x'.repeat(140) };
}

/**
 * Of the contenders that bring no tables for business data. The room in each page is what oncectl gives
 * its entities: updates are heap-only there too.
 */
export async function createAccounts(client) {
  await client.query(`create table accounts (
    id text collate "C" primary key,
    balance bigint not null,
    filler text not null
  ) with (fillfactor = 60)`);
  await client.query(
    `insert into accounts select 'account-' || number, 0, $1
    from generate_series(0, $2::integer - 1) as number`,
    [filler, accounts],
  );
}

/** One message, a prepared statement: as cheap as the client makes it. */
export function deposit({ account, amount }) {
  return {
    name: 'deposit',
    text: 'update accounts set balance = balance + $2 where id = $1',
    values: [account, amount],
  };
}

/** What all deposits came to; each message brings 1. */
export const balanceQuery = 'select coalesce(sum(balance), 0)::integer as count from accounts';

/** Numbers from 0, in groups: what is seeded goes in by the batch. */
export function* batchesOf(count, size) {
  for (let from = 0; from < count; from += size) {
    yield Array.from({ length: Math.min(size, count - from) }, (_, index) => from + index);
  }
}
