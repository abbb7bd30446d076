/** One exploration in a process of its own, so that its memory can be told: prints a line of JSON. */
import { verifyProtocol } from '../../dist/src/verify/index.js';

const { limits, ...request } = JSON.parse(process.argv[2]);
const all = await verifyProtocol(request, limits);
const answer = {
  verdicts: all.map(({ verdict, found }) => found?.invariant ?? verdict),
  states: all.reduce((sum, one) => sum + one.states, 0),
  seconds: all.reduce((sum, one) => sum + one.ms, 0) / 1000,
  mib: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(answer)}\n`);
