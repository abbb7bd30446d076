import type { WriteStream } from 'node:tty';
import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { FrameWriter } from '../../src/tui/frames.js';

const size = { columns: 20, rows: 6 };

/** A writer on an emulated terminal, and what is to be seen there. */
function onScreen() {
  const terminal = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    allowProposedApi: true,
  });
  let written = '';
  const stdout = {
    write: (text: string) => {
      written += text;
      terminal.write(text);
      return true;
    },
  } as unknown as WriteStream;
  const writer = new FrameWriter(stdout);
  const lines = async () => {
    await new Promise<void>((done) => terminal.write('', done));
    return Array.from({ length: size.rows }, (_, row) =>
      terminal.buffer.active.getLine(row)?.translateToString(true).trimEnd(),
    );
  };
  const takeWritten = () => {
    const text = written;
    written = '';
    return text;
  };
  return { writer, lines, takeWritten };
}

describe('frames on a terminal', () => {
  it('show each line in its place, also when lines get shorter or fewer', async () => {
    const { writer, lines } = onScreen();
    writer.open(size);
    writer.write('first\nsecond line\nthird');
    writer.write('first\n2nd\nthird\nfourth');
    expect(await lines()).toEqual(['first', '2nd', 'third', 'fourth', '', '']);
    writer.write('only');
    expect(await lines()).toEqual(['only', '', '', '', '', '']);
  });

  it('keep the last cell of a line that fills its row', async () => {
    const { writer, lines, takeWritten } = onScreen();
    writer.open(size);
    const full = 'x'.repeat(size.columns - 1);
    writer.write(`${full}1\n\u001b[31m${full}2\u001b[0m`);
    writer.write(`${full}3\n\u001b[31m${full}4\u001b[0m`);
    expect((await lines()).slice(0, 2)).toEqual([`${full}3`, `${full}4`]);
    // The emulator is lenient here; others erase the cell that the cursor still stands on.
    expect(takeWritten()).not.toContain('\u001b[K');
  });

  it('never write below the last row: the screen would scroll', async () => {
    const { writer, lines } = onScreen();
    writer.open(size);
    writer.write(Array.from({ length: 20 }, (_, row) => `row ${row}`).join('\n'));
    expect(await lines()).toEqual(['row 0', 'row 1', 'row 2', 'row 3', 'row 4', 'row 5']);
  });

  it('write only what changed, and nothing at all for the same frame', () => {
    const { writer, takeWritten } = onScreen();
    writer.open(size);
    writer.write('same\nold');
    takeWritten();
    writer.write('same\nold');
    expect(takeWritten()).toBe('');
    writer.write('same\nnew');
    expect(takeWritten()).not.toContain('same');
  });

  it('are dropped while closed, and written in full after opening again', async () => {
    const { writer, lines, takeWritten } = onScreen();
    writer.open(size);
    writer.write('one\ntwo');
    takeWritten();
    writer.close();
    writer.write('three');
    expect(takeWritten()).toBe('');
    writer.open(size);
    writer.write('one\ntwo');
    expect(await lines()).toEqual(['one', 'two', '', '', '', '']);
  });
});
