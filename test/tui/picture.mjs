/**
 * A picture of a real terminal as an SVG file, every character and colour from its cells:
 *
 *   node test/tui/picture.mjs --out docs/images/live-view.svg --size 100x30 --at 45 \
 *     -- node bin/oncectl.js bench run classic
 *   node test/tui/picture.mjs --out picture.svg --size 80x24 --bytes recorded.bin
 *
 * --at       seconds after the start when the picture is taken (default 10)
 * --until    text to wait for on the screen instead; with --at, that many seconds after it
 * --interrupt  ^C twice afterwards, and wait for the end (default: the command is killed)
 * --title    what a screen reader says
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import xterm from '@xterm/headless';
import { PtySession } from './pty-session.mjs';

const cell = { width: 8.4, height: 18, font: 14 };
const margin = 14;
const background = '#16181d';
const foreground = '#d6d9df';
/** The 16 ANSI colours on a dark ground. */
const palette = [
  ...['#3b4048', '#f0717b', '#8fce6f', '#e8c46a', '#6cb2f7', '#cf8ef4', '#5ec8d2', '#d6d9df'],
  ...['#878e9b', '#ff8f98', '#a9e38b', '#ffdb86', '#8cc6ff', '#dfa9ff', '#7fe0ea', '#ffffff'],
];
const eighths = '▁▂▃▄▅▆▇█';

/** Turns an xterm buffer of that size into SVG text. */
export function drawScreen(buffer, columns, rows, title) {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = Math.ceil(rows * cell.height + 2 * margin);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"`,
    ` width="${width}" height="${height}" font-size="${cell.font}"`,
    ' font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace">\n',
    `<title>${escaped(title)}</title>\n`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>\n`,
  ];
  for (let row = 0; row < rows; row += 1) {
    const line = buffer.getLine(buffer.baseY + row);
    if (line) parts.push(...drawLine(line, columns, row));
  }
  return `${parts.join('')}</svg>\n`;
}

function drawLine(line, columns, row) {
  return runsOf(line, columns).map((run) =>
    run.block === null ? drawText(run, row) : drawBlock(run, row),
  );
}

/** Neighbouring cells of one style; blocks stand alone, since they are drawn and not written. */
function runsOf(line, columns) {
  const runs = [];
  for (let column = 0; column < columns; column += 1) {
    const at = line.getCell(column);
    const text = at?.getChars() || ' ';
    const color = at?.isFgPalette() ? palette[at.getFgColor()] : foreground;
    const style = { color, bold: Boolean(at?.isBold()), block: blockOf(text) };
    const last = runs.at(-1);
    const same = last && ['color', 'bold', 'block'].every((key) => last[key] === style[key]);
    if (same) last.text += text;
    else runs.push({ ...style, text, column });
  }
  return runs.filter((run) => run.text.trim() !== '');
}

/** Height (0..1) and opacity of a block character as text; null for any other. */
function blockOf(text) {
  if (text === '░') return '1 0.25';
  const index = eighths.indexOf(text);
  return index < 0 ? null : `${(index + 1) / 8} 1`;
}

function drawBlock(run, row) {
  const [share, opacity] = run.block.split(' ').map(Number);
  const height = share * cell.height;
  const x = rounded(margin + run.column * cell.width);
  const y = rounded(margin + (row + 1) * cell.height - height);
  const width = rounded(run.text.length * cell.width);
  const faint = opacity === 1 ? '' : ` opacity="${opacity}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${rounded(height)}" fill="${run.color}"${faint}/>\n`;
}

/** `textLength` keeps the columns whatever font the reader has. */
function drawText(run, row) {
  const text = run.text.trimEnd();
  const lead = text.length - text.trimStart().length;
  const x = rounded(margin + (run.column + lead) * cell.width);
  const y = rounded(margin + row * cell.height + 13.5);
  const shown = text.trimStart();
  const length = rounded([...shown].length * cell.width);
  const weight = run.bold ? ' font-weight="bold"' : '';
  return (
    `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"` +
    ` fill="${run.color}"${weight} xml:space="preserve">${escaped(shown)}</text>\n`
  );
}

function rounded(value) {
  return Math.round(value * 100) / 100;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The buffer after a recording of raw bytes. */
async function playBytes(file, columns, rows) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise((done) => terminal.write(readFileSync(file), done));
  return terminal.buffer.active;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      size: { type: 'string', default: '80x24' },
      at: { type: 'string' },
      until: { type: 'string' },
      bytes: { type: 'string' },
      title: { type: 'string', default: 'The live view of oncectl bench run' },
      interrupt: { type: 'boolean', default: false },
    },
  });
  const [columns, rows] = values.size.split('x').map(Number);
  const save = (buffer) => {
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(values.out, drawScreen(buffer, columns, rows, values.title));
  };
  if (values.bytes) return save(await playBytes(values.bytes, columns, rows));
  const [command, ...parameters] = positionals;
  const session = new PtySession(command, parameters, { columns, rows });
  if (values.until) {
    const shows = (seen) => seen.text().includes(values.until);
    await session.until(shows, values.until, 300_000);
  }
  await pass(Number(values.at ?? (values.until ? 0 : 10)) * 1000);
  save(session.buffer);
  if (values.interrupt) {
    session.type('\u0003\u0003');
    await session.ended;
  }
  await session.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
