/**
 * Plays the recording through the live view, for the terminal tests and for looking at it:
 *   node test/tui/play.mjs FOLDER-OF-BUILT-LIVE-VIEW [speed] [how it ends]
 * How it ends: stop | stay | throw | caught (an exception that a handler prints) | fast (all events
 * at once, then stay).
 */
import { pathToFileURL } from 'node:url';
import { phase, recording, result } from './recording.mjs';

const [folder = '.', speed = '1', ending = 'stop'] = process.argv.slice(2);
const { startLiveView } = await import(pathToFileURL(`${folder}/live.js`).href);

let interrupts = 0;
let ended = false;
const view = startLiveView({
  stdout: process.stdout,
  stdin: process.stdin,
  ascii: process.env.ASCII === '1',
  onInterrupt: () => {
    interrupts += 1;
    if (interrupts === 2) void end('aborted');
  },
});

const events = [
  ...recording(),
  phase(71, 'draining'),
  phase(73, 'auditing'),
  { at: 75, event: { type: 'summary', result: result(), exitCode: 0 } },
];
const keepAlive = setInterval(() => {}, 1000);
play(0);

function play(index) {
  if (ended) return;
  const next = events[index];
  if (next === undefined) return void finished();
  view.publish(next.event);
  const gapMs = ((events[index + 1]?.at ?? next.at) - next.at) * (1000 / Number(speed));
  if (ending === 'fast') play(index + 1);
  else setTimeout(() => play(index + 1), gapMs);
}

async function finished() {
  if (ending === 'caught') process.on('uncaughtException', printAndExit);
  if (ending === 'throw' || ending === 'caught') throw new Error('on purpose');
  if (ending === 'stop') await end('stopped');
}

function printAndExit(error) {
  process.stdout.write(`caught: ${error.message}\n`);
  process.exit(1);
}

async function end(word) {
  ended = true;
  await view.stop();
  clearInterval(keepAlive);
  process.stdout.write(`${word} after ${interrupts} interrupts\n`);
}
