/** A program in a pseudo terminal, with a terminal emulator that shows what a person would see. */
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** What the program must not inherit: it would draw otherwise than at a person's terminal. */
const hidden = ['CI', 'CONTINUOUS_INTEGRATION', 'NO_COLOR', 'FORCE_COLOR', 'NODE_ENV', 'VITEST'];

export class PtySession {
  /** Everything the program wrote. */
  output = '';
  /** Settles with {exitCode, signal} once the program ended and all it wrote is on the screen. */
  ended;
  #pty;
  #terminal;
  #watchers = new Set();

  /** Starts `command` with `args` in a terminal of that size; `env` is added to the own one. */
  constructor(command, args, { columns = 80, rows = 24, env = {} } = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !hidden.includes(name));
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#pty = spawn(command, args, {
      name: 'xterm-256color',
      cols: columns,
      rows,
      env: { ...Object.fromEntries(inherited), TERM: 'xterm-256color', ...env },
    });
    this.#pty.onData((data) => {
      this.output += data;
      this.#terminal.write(data, () => this.#notify());
    });
    this.ended = new Promise((resolve) => {
      this.#pty.onExit((result) => this.#terminal.write('', () => resolve(result)));
    });
  }

  get pid() {
    return this.#pty.pid;
  }

  /** The emulator's buffer: cells with their colours. */
  get buffer() {
    return this.#terminal.buffer.active;
  }

  get isAlternate() {
    return this.buffer.type === 'alternate';
  }

  /** The visible lines, blanks at their ends removed. */
  lines() {
    const { buffer } = this;
    return Array.from({ length: this.#terminal.rows }, (_, row) =>
      (buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  text() {
    return this.lines().join('\n');
  }

  /** Also what scrolled away. */
  everything() {
    const { buffer } = this;
    return Array.from({ length: buffer.length }, (_, row) =>
      buffer.getLine(row)?.translateToString(true),
    ).join('\n');
  }

  type(keys) {
    this.#pty.write(keys);
  }

  kill(signal) {
    process.kill(this.#pty.pid, signal);
  }

  resize(columns, rows) {
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /**
   * Waits until `holds(session)`, looked at whenever something was drawn.
   *
   * @param {(seen: PtySession) => boolean} holds
   * @param {string} [what]
   * @param {number} [timeoutMs]
   * @returns {Promise<void>}
   */
  until(holds, what = String(holds), timeoutMs = 15_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`never seen: ${what}; the screen shows\n${this.text()}`));
      }, timeoutMs);
      const look = () => {
        if (!holds(this)) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(undefined);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Ends the program if it still runs. */
  async close() {
    try {
      this.kill('SIGKILL');
    } catch {
      // Gone already.
    }
    await this.ended;
  }

  #notify() {
    for (const look of [...this.#watchers]) look();
  }
}
