/**
 * The server's clock in microseconds since the epoch, as a common table expression. It is read once a
 * call: `clock_timestamp()` would be another one for every row, and no index can be searched with it.
 */
export const clock = `clock as materialized (
  select (extract(epoch from statement_timestamp()) * 1000000)::bigint as now
)`;
