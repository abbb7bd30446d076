/** What goes wrong in a contender must be seen: a run with errors is no figure. */
export function say(...what) {
  process.stderr.write(`${what.map(textOf).join(' ')}\n`);
}

function textOf(what) {
  return what instanceof Error ? (what.stack ?? what.message) : String(what?.message ?? what);
}
