/** Operating at a terminal: a status that is watched, and what has to be typed before something is done. */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ShopFolder } from '../operate/shop.js';
import { PtySession } from '../tui/pty-session.mjs';

const executable = fileURLToPath(new URL('../../bin/oncectl.js', import.meta.url));
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const longestMs = 60_000;

let shop: ShopFolder;
const sessions: PtySession[] = [];

beforeEach(async () => {
  shop = await ShopFolder.open();
});
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  await shop.close();
});

/** The command in a terminal, in the folder of the shop. */
function at(args: string, size: { columns?: number; rows?: number } = {}): PtySession {
  const shell = `cd '${shop.folder.path}' && exec '${process.execPath}' '${executable}' ${args}`;
  const session = new PtySession('/bin/sh', ['-c', shell], { columns: 120, ...size });
  sessions.push(session);
  return session;
}

describe('status --watch', () => {
  it(
    'changes in place, and leaves the last picture and the cursor',
    async () => {
      const session = at('status -p shop.yaml --watch --interval 100ms');
      await session.until((seen) => seen.text().includes('all 2 endpoints are well'));
      await shop.leaveStuck('payments');
      await session.until((seen) =>
        seen.text().includes('1 endpoint needs you: payments, 1 stuck'),
      );
      expect(session.text()).not.toContain('are well');
      expect(session.lines().filter((line) => line.startsWith('ENDPOINT'))).toHaveLength(1);
      expect(session.isAlternate).toBe(false);
      session.type('\u0003');
      const { exitCode } = await session.ended;
      expect(exitCode).toBe(130);
      expect(session.everything()).toContain('1 endpoint needs you');
      expect(session.output.lastIndexOf(showCursor)).toBeGreaterThan(
        session.output.lastIndexOf(hideCursor),
      );
      expect(session.output).not.toContain('\u001b[3J');
    },
    longestMs,
  );

  it(
    'fits a terminal that is too small for it, also after it shrinks',
    async () => {
      const session = at('status -p shop.yaml --watch --interval 100ms', { columns: 60, rows: 5 });
      await session.until((seen) => seen.text().includes('all 2 endpoints are well'));
      expect(session.lines()[0]).toMatch(/^shop {2}/);
      session.resize(30, 5);
      const before = session.output.length;
      await session.until((seen) => seen.output.length > before + 400);
      const lines = session.lines();
      expect(lines[0]).toMatch(/^shop {2}/);
      expect(lines[1]).toBe('all 2 endpoints are well');
      expect(lines.filter((line) => line.startsWith('all 2'))).toHaveLength(1);
    },
    longestMs,
  );
});

describe('confirming a plan', () => {
  const repair = 'outbox repair -p shop.yaml';
  const isProtected = '--set deployment.protect=true --reason why';

  it.each([
    ['y\r', 0],
    ['n\r', 3],
    ['\r', 3],
  ])(
    'takes a y and nothing else (%#)',
    async (typed, code) => {
      await shop.leaveStuck('payments');
      const session = at(repair);
      await session.until((seen) => seen.text().includes('Apply 1 item to "shop"? [y/N]'));
      session.type(typed);
      expect((await session.ended).exitCode).toBe(code);
    },
    longestMs,
  );

  it.each([
    ['y\r', 3],
    ['3\r', 3],
    ['2\r', 0],
  ])(
    'asks for the count where the deployment is protected (%#)',
    async (typed, code) => {
      await shop.leaveStuck('payments');
      await shop.leaveStuck('payments');
      const session = at(`${repair} ${isProtected}`);
      await session.until((seen) =>
        seen.text().includes('Apply 2 items to "shop" (protected)? Type 2 to go on:'),
      );
      session.type(typed);
      expect((await session.ended).exitCode).toBe(code);
    },
    longestMs,
  );

  it(
    'asks for the count of more than a thousand items',
    async () => {
      const many = Array.from({ length: 1001 }, () => shop.leaveStuck('payments'));
      await Promise.all(many);
      const session = at(repair);
      await session.until(
        (seen) => seen.text().includes('Type 1001 to go on:'),
        'the question',
        40_000,
      );
      session.type('y\r');
      expect((await session.ended).exitCode).toBe(3);
      expect(
        (await shop.deployment.ports.business.listPending('payments', Date.now(), null, 2000))
          .length,
      ).toBe(1001);
    },
    longestMs,
  );
});
