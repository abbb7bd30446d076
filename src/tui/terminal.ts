/**
 * The terminal while a full-screen view is on it. Owns: alternate screen, raw mode, cursor, bracketed
 * paste, size, and putting all of it back. Does not own: what is drawn and what a key means.
 *
 *  T1  What is changed is put back once, however the process ends, SIGKILL apart: `leave`, exit,
 *      SIGINT, SIGTERM, SIGHUP, an uncaught exception (which is printed after leaving).
 *  T2  After leaving, and while suspended, no frame reaches the terminal: it would land in the
 *      scrollback.
 *  T3  Every frame after a resize, a resume or a repaint is written in full on a cleared screen.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { FrameWriter, frameStream, inputStream, type Size } from './frames.js';

const enterBytes = '\u001b[?1049h\u001b[?25l\u001b[?2004h';
const leaveBytes = '\u001b[?2026l\u001b[0m\u001b[?2004l\u001b[?25h\u001b[?1049l';

const resizeQuietMs = 50;
/** Longer than a stop signal takes to arrive; a process group without a shell is never stopped. */
const suspendGraceMs = 200;

const deadly = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface TerminalOptions {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  /** The screen is empty: draw everything. */
  readonly onRedraw: () => void;
  /** The terminal was given back for good: nothing more will be shown. */
  readonly onLeave: () => void;
}

/** Takes the terminal; nothing is drawn until the owner writes a frame to `output`. */
export class Terminal {
  /** For ink: every write is a frame. */
  readonly output: WriteStream;
  readonly input: ReadStream;
  readonly #frames: FrameWriter;
  readonly #undo: (() => void)[] = [];
  #state: 'shown' | 'suspended' | 'left' = 'shown';
  #resizeTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: TerminalOptions) {
    this.#frames = new FrameWriter(options.stdout);
    this.output = frameStream(options.stdout, this.#frames);
    this.input = inputStream(options.stdin);
    this.#listen();
    this.#takeOver();
  }

  get size(): Size {
    return this.#frames.size;
  }

  /** Clears the screen and asks for everything again. */
  repaint(): void {
    if (this.#state !== 'shown') return;
    this.#frames.open(sizeOf(this.options.stdout));
    this.options.onRedraw();
  }

  /** Gives the terminal to the shell until the process is continued (`fg`). */
  suspend(): void {
    if (this.#state !== 'shown') return;
    this.#state = 'suspended';
    this.#giveBack();
    // The whole group, as the terminal itself would: under npx the shell waits for the parent.
    process.kill(0, 'SIGTSTP');
    setTimeout(() => this.#resume(), suspendGraceMs);
  }

  /** Puts everything back; the second call does nothing. */
  leave(): void {
    if (this.#state === 'left') return;
    if (this.#state === 'shown') this.#giveBack();
    this.#state = 'left';
    clearTimeout(this.#resizeTimer);
    for (const undo of this.#undo) undo();
    this.options.onLeave();
  }

  #resume(): void {
    if (this.#state !== 'suspended') return;
    this.#state = 'shown';
    this.#takeOver();
    this.options.onRedraw();
  }

  /** Also after a stop from outside: the shell may have reset the terminal meanwhile. */
  #continued(): void {
    if (this.#state === 'left') return;
    this.#state = 'suspended';
    this.#resume();
  }

  #takeOver(): void {
    this.#setRawMode(true);
    this.options.stdout.write(enterBytes);
    this.#frames.open(sizeOf(this.options.stdout));
  }

  #giveBack(): void {
    this.#frames.close();
    this.options.stdout.write(leaveBytes);
    this.#setRawMode(false);
  }

  #setRawMode(raw: boolean): void {
    const { stdin } = this.options;
    if (stdin.isTTY && !stdin.destroyed) stdin.setRawMode(raw);
  }

  #listen(): void {
    const { stdout } = this.options;
    this.#on(stdout, 'resize', () => this.#resized());
    this.#on(process, 'SIGCONT', () => this.#continued());
    this.#on(process, 'exit', () => this.leave());
    this.#on(process, 'uncaughtExceptionMonitor', () => this.leave());
    for (const signal of deadly) this.#listenTo(signal);
    // A terminal that went away answers writes with EIO; SIGHUP tells what to do about it.
    stdout.on('error', () => {});
  }

  /**
   * Who handled a signal before us goes on handling it: SIGINT then is a request to stop politely,
   * and the view stays. Nobody: leave, and die of it as if we had not been there.
   */
  #listenTo(signal: (typeof deadly)[number]): void {
    const handledByOthers = process.listenerCount(signal) > 0;
    if (handledByOthers && signal === 'SIGINT') return;
    this.#on(process, signal, () => {
      this.leave();
      if (!handledByOthers) process.kill(process.pid, signal);
    });
  }

  #on(emitter: NodeJS.EventEmitter, event: string, listener: () => void): void {
    emitter.on(event, listener);
    this.#undo.push(() => emitter.off(event, listener));
  }

  /** Nothing is drawn until the size has settled. */
  #resized(): void {
    if (this.#state !== 'shown') return;
    this.#frames.close();
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = setTimeout(() => this.repaint(), resizeQuietMs);
  }
}

function sizeOf(stdout: WriteStream): Size {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}
