/** Asks one question over and over, by a fresh process each time, and judges the quiet rounds. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { machine } from '../postgres/machine.mjs';

const asked = fileURLToPath(new URL('ask.mjs', import.meta.url));

/** Cores that others may use while a round counts as quiet. */
const mostOthersCores = 0.3;
const triesPerRound = 3;

/**
 * Median and worst of `rounds` quiet rounds, or of all when none was; a quiet one is tried for a few
 * times. `serverCpuSeconds` is the processor time of the server that answers.
 */
export async function measure(target, { question, expected }, rounds, serverCpuSeconds) {
  const all = [];
  const quiet = () => all.filter(({ othersCores }) => othersCores <= mostOthersCores);
  while (quiet().length < rounds && all.length < rounds * triesPerRound) {
    all.push(await round(target, question, expected, serverCpuSeconds));
  }
  const taken = quiet().length === 0 ? all : quiet();
  const times = taken.map(({ ms }) => ms);
  return {
    ...{ ms: medianOf(times), worst: Math.max(...times) },
    cpuMs: medianOf(taken.map(({ cpuMs }) => cpuMs)),
    othersCores: medianOf(taken.map(({ othersCores }) => othersCores)),
    ...{ quietRounds: quiet().length, rounds: all.length },
    isRight: all.every(({ isRight }) => isRight),
  };
}

/** The answer of a fresh process, how long it lived until it had it, and what others did meanwhile. */
async function round(target, question, expected, serverCpuSeconds) {
  const [busy, served, from] = [machine().busySeconds, serverCpuSeconds(), performance.now()];
  const given = [asked, JSON.stringify(target), JSON.stringify(question)];
  const { stdout } = await promisify(execFile)(process.execPath, given, { maxBuffer: 2 ** 26 });
  const { ms, cpuMs, answer } = JSON.parse(stdout);
  const seconds = (performance.now() - from) / 1000;
  const own = cpuMs / 1000 + serverCpuSeconds() - served;
  const others = machine().busySeconds - busy - own;
  const isRight = JSON.stringify(answer) === JSON.stringify(expected);
  return { ms, cpuMs, othersCores: Math.max(0, others) / seconds, isRight };
}

function medianOf(values) {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];
}
