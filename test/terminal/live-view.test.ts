import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildLiveView } from '../tui/build-live.mjs';
import { PtySession } from '../tui/pty-session.mjs';

const play = fileURLToPath(new URL('../tui/play.mjs', import.meta.url));
const clearScrollback = '\u001b[3J';
const enterScreen = '\u001b[?1049h';
const leaveScreen = '\u001b[?1049l';
const beginUpdate = '\u001b[?2026h';

let built: string;
const sessions: PtySession[] = [];

beforeAll(() => {
  built = buildLiveView();
});

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

interface Options {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Record<string, string>;
}

/** Plays the recording `speed` times as fast as it was. */
function playing(ending: string, speed = 20, options: Options = {}): PtySession {
  return opened(process.execPath, [play, built, String(speed), ending], options);
}

function opened(command: string, parameters: string[], options: Options = {}): PtySession {
  const session = new PtySession(command, parameters, options);
  sessions.push(session);
  return session;
}

const isAtWork = (session: PtySession) => session.text().includes('offered 50.0/s');

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** What a shell finds afterwards: the normal screen, a cursor, nothing of the view. */
function expectRestored(session: PtySession): void {
  const { output } = session;
  expect(count(output, enterScreen)).toBe(1);
  expect(count(output, leaveScreen)).toBe(1);
  expect(output.lastIndexOf('\u001b[?25h')).toBeGreaterThan(output.lastIndexOf('\u001b[?25l'));
  expect(output.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(output.lastIndexOf('\u001b[?2004h'));
  expect(output.slice(output.indexOf(leaveScreen))).not.toContain('offered');
  expect(session.isAlternate).toBe(false);
  expect(session.everything()).not.toContain('offered');
}

describe('the live view in a terminal', () => {
  it('shows the frame of the size that it has, each line in its place', async () => {
    const session = playing('stay');
    await session.until((seen) => seen.text().includes('stage 2/2 steady'));
    const lines = session.lines();
    expect(lines[0]).toMatch(/^ oncectl bench {2}classic {2}dedupe-store on embedded/);
    expect(lines[2]).toMatch(/^ offered/);
    expect(lines[3]).toMatch(/^─ handled\/s by second/);
    expect(lines[22]).toMatch(/\^C drain and report$/);
    expect(lines.filter((line) => line.startsWith(' offered'))).toHaveLength(1);
  });

  it('never clears the scrollback, draws four times a second at most, and writes little', async () => {
    const began = performance.now();
    const session = playing('stop', 40);
    await session.ended;
    const seconds = (performance.now() - began) / 1000;
    expect(count(session.output, clearScrollback)).toBe(0);
    expect(count(session.output, beginUpdate)).toBeLessThanOrEqual(4 * seconds + 1);
    expect(session.output.length / seconds).toBeLessThan(16_000);
  });

  it('draws no more often when events come as fast as they can', async () => {
    const session = playing('fast');
    await session.until((seen) => seen.text().includes('Nothing was lost'));
    expect(count(session.output, beginUpdate)).toBeLessThanOrEqual(3);
  });

  it('uses no colour when NO_COLOR is set', async () => {
    const session = playing('stop', 40, { env: { NO_COLOR: '1' } });
    await session.ended;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
    expect(session.output.match(/\u001b\[[\d;]*m/g)).toEqual(['\u001b[0m']);
  });
});

describe('the terminal is restored', () => {
  it('when the view is stopped', async () => {
    const session = playing('stop', 40);
    expect(await session.ended).toMatchObject({ exitCode: 0 });
    expectRestored(session);
    expect(session.text()).toContain('stopped after 0 interrupts');
  });

  it.each([
    ['SIGTERM', 15],
    ['SIGHUP', 1],
    ['SIGINT', 2],
  ] as const)('when %s ends the process', async (signal, number) => {
    const session = playing('stay');
    await session.until(isAtWork);
    session.kill(signal);
    expect(await session.ended).toMatchObject({ signal: number });
    expectRestored(session);
  });

  it.each([
    ['by Node', 'throw'],
    ['by a handler', 'caught'],
  ])('before an uncaught exception is printed %s', async (_, ending) => {
    const session = playing(ending, 200);
    expect(await session.ended).toMatchObject({ exitCode: 1 });
    expectRestored(session);
    expect(session.output.indexOf('on purpose')).toBeGreaterThan(
      session.output.indexOf(leaveScreen),
    );
  });

  it('after ^C, pressed twice even within one chunk', async () => {
    const session = playing('stay');
    await session.until(isAtWork);
    session.type('\u0003\u0003');
    expect(await session.ended).toMatchObject({ exitCode: 0 });
    expectRestored(session);
    expect(session.text()).toContain('aborted after 2 interrupts');
  });
});

describe('keys', () => {
  it('^C asks to drain and stays on the screen to show it', async () => {
    const session = playing('stay');
    await session.until(isAtWork);
    session.type('\u0003');
    await session.until((seen) => seen.text().includes('^C again stops at once'));
    expect(session.isAlternate).toBe(true);
    session.type('\u0003');
    await session.ended;
    expect(session.text()).toContain('aborted after 2 interrupts');
  });

  it('p freezes the picture and goes on where the run is by then', async () => {
    const session = playing('stay');
    await session.until(isAtWork);
    session.type('p');
    await session.until((seen) => seen.text().includes('PAUSED'));
    session.type('p');
    await session.until((seen) => !seen.text().includes('PAUSED'));
  });

  it('^Z gives the terminal to the shell, and fg brings the view back', async () => {
    const session = opened('/bin/sh', ['-i'], { env: { PS1: '$ ', ENV: '' } });
    await session.until((seen) => seen.text().includes('$'));
    session.type(`'${process.execPath}' '${play}' '${built}' 20 stay\r`);
    await session.until(isAtWork);
    session.type('\u001a');
    await session.until((seen) => !seen.isAlternate && /Stopped|suspended/i.test(seen.text()));
    session.type('fg\r');
    await session.until((seen) => seen.isAlternate && isAtWork(seen));
    session.type('\u0003\u0003');
    await session.until((seen) => seen.text().includes('aborted after 2 interrupts'));
    expect(session.isAlternate).toBe(false);
  });

  it('^Z where no shell can take over leaves the view as it was', async () => {
    const session = playing('stay');
    await session.until(isAtWork);
    session.type('\u001a');
    await session.until((seen) => count(seen.output, enterScreen) === 2 && isAtWork(seen));
    expect(session.isAlternate).toBe(true);
  });
});

describe('resizing', () => {
  it('draws the new size without a ghost of the old one, and clears no scrollback', async () => {
    const session = playing('stay');
    await session.until((seen) => seen.text().includes('stage 2/2 steady'));
    for (const [columns, rows] of [
      [160, 48],
      [60, 20],
      [100, 16],
      [80, 24],
    ] as const) {
      session.resize(columns, rows);
      await session.until((seen) => {
        const lines = seen.lines();
        const last = lines[rows - 2] ?? '';
        return last.endsWith('^C drain and report') && last.length === columns - 1;
      });
      const lines = session.lines();
      expect(lines.filter((line) => line.includes('^C drain'))).toHaveLength(1);
      expect(lines.filter((line) => line.includes('stage 2/2'))).toHaveLength(1);
      expect(lines[0]).toMatch(/^ oncectl bench/);
      expect(lines[rows - 1]).toBe('');
    }
    expect(count(session.output, clearScrollback)).toBe(0);
  });

  it('shrinks to one line and comes back', async () => {
    const session = playing('stay');
    await session.until((seen) => seen.text().includes('stage 2/2 steady'));
    session.resize(40, 8);
    await session.until((seen) => /^ ok {2}[\d.]+\/s/.test(seen.text()));
    expect(session.lines().slice(1).join('')).toBe('');
    session.resize(80, 24);
    await session.until(isAtWork);
  });
});
