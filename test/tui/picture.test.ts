import xterm from '@xterm/headless';
import { expect, it } from 'vitest';
import { drawScreen } from './picture.mjs';

it('draws text and blocks where their cells stand, and escapes what XML would read', async () => {
  const terminal = new xterm.Terminal({ cols: 20, rows: 2, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write('a < b\r\n  \u001b[32m██▄\u001b[0m', done));
  const svg = drawScreen(terminal.buffer.active, 20, 2, 'one & two');
  expect(svg).toContain('<title>one &amp; two</title>');
  expect(svg).toMatch(/<text x="14"[^>]*>a &lt; b<\/text>/);
  expect(svg.match(/<rect x="30.8" y="32" width="16.8" height="18"/g)).toHaveLength(1);
  expect(svg).toContain('y="41" width="8.4" height="9"');
});
