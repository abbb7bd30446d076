/** The live view in a process and on a pseudo-terminal of its own, redrawing beside a load. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs the view for `seconds`; answers its share of a core, null where it is not built. */
export async function runLiveView(seconds) {
  if (!existsSync(file('../../dist/src/tui/live.js'))) return null;
  const { spawn } = await import('@lydell/node-pty');
  const folder = mkdtempSync(join(tmpdir(), 'oncectl-view-'));
  const share = join(folder, 'share');
  const args = [file('./view-process.mjs'), String(seconds), share];
  const terminal = spawn(process.execPath, args, { cols: 120, rows: 40 });
  let drawn = '';
  terminal.onData((text) => {
    drawn = (drawn + text).slice(-2000);
  });
  await new Promise((resolve) => terminal.onExit(resolve));
  if (!existsSync(share)) throw new Error(`the live view ended early: ${drawn}`);
  const value = Number(readFileSync(share, 'utf8'));
  rmSync(folder, { recursive: true });
  return value;
}
