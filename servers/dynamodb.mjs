/**
 * dynalite on 127.0.0.1, with its data kept in a folder. Arguments: PORT (0: any) FOLDER. Writes
 * `listening on 127.0.0.1:PORT`.
 */
import dynalite from 'dynalite';

/** Long enough that a table is not there at once, as in production; short for the tests' sake. */
const tableMs = 50;

const [port, path] = process.argv.slice(2);
const times = { createTableMs: tableMs, deleteTableMs: tableMs, updateTableMs: tableMs };
const server = dynalite({ path, ...times });

server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`listening on 127.0.0.1:${server.address().port}\n`);
});
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
