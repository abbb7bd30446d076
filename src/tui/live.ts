/**
 * The live view of a running bench. Events may come as fast as they like: they go into the state at
 * once, and the screen is drawn at most four times a second. ink is loaded here and nowhere else.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import type { BenchEvent } from '../bench/events.js';
import { actionsFor, type BenchAction, type KeyPress } from './bench/keys.js';
import type { MountedView } from './bench/mount.js';
import type { Screen } from './bench/screen.js';
import { type BenchState, emptyBenchState, reduceBench } from './bench/state.js';
import type { BenchViewProps } from './bench/view.js';
import { Terminal } from './terminal.js';

const redrawMs = 250;
/** The clock moves although nothing happens. */
const idleRedrawMs = 1000;

export interface LiveViewOptions {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  /** ^C was pressed: raw mode makes no SIGINT of it. Called once for each time. */
  readonly onInterrupt: () => void;
  /** Default: unless NO_COLOR is set or the terminal is dumb. */
  readonly color?: boolean;
  /** Plain ASCII charts. Default: off. */
  readonly ascii?: boolean;
}

export interface LiveView {
  /** Takes an event; returns at once and never throws. */
  publish(event: BenchEvent): void;
  /** Ends the view and puts the terminal back. Further events are ignored. */
  stop(): Promise<void>;
}

/**
 * Takes the terminal for a live view. Needs a terminal on `stdout`; without one on `stdin` there are
 * no keys. Handlers for SIGINT, SIGTERM and SIGHUP must be installed before: see `Terminal`.
 */
export function startLiveView(options: LiveViewOptions): LiveView {
  const view = new BenchLiveView(options);
  void view.start();
  return view;
}

class BenchLiveView implements LiveView {
  #state: BenchState = emptyBenchState;
  /** What is shown while the view is paused. */
  #frozen: { readonly state: BenchState; readonly now: number } | null = null;
  #interrupts = 0;
  #changed = true;
  #drawnAt = 0;
  #stopped = false;
  #terminal: Terminal | undefined;
  #mounted: MountedView | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #color: boolean;

  constructor(private readonly options: LiveViewOptions) {
    const dumb = process.env['TERM'] === 'dumb';
    this.#color = options.color ?? (!process.env['NO_COLOR'] && !dumb);
  }

  async start(): Promise<void> {
    // React decides at its first import; its development build takes several times the processor.
    process.env['NODE_ENV'] ??= 'production';
    const { mountBench } = await import('./bench/mount.js');
    if (this.#stopped) return;
    const { stdout, stdin } = this.options;
    const terminal = new Terminal({
      stdout,
      stdin,
      onRedraw: () => this.#draw(),
      onLeave: () => this.#unmount(),
    });
    this.#terminal = terminal;
    this.#mounted = mountBench({
      stdout: terminal.output,
      stdin: terminal.input,
      props: this.#props(terminal),
      onKey: (key) => this.#pressed(key),
      onFailure: (error) => this.#failed(error),
    });
    this.#timer = setInterval(() => this.#drawWhenDue(), redrawMs);
    this.#timer.unref();
  }

  publish(event: BenchEvent): void {
    if (this.#stopped) return;
    this.#state = reduceBench(this.#state, event, performance.now());
    this.#changed = true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#terminal?.leave();
    await new Promise<void>((done) => this.options.stdout.write('', () => done()));
  }

  /** A view that breaks must not take the run with it. */
  #failed(error: Error): void {
    void this.stop();
    this.options.stdout.write(`live view stopped: ${error.message}; the run goes on\n`);
  }

  #unmount(): void {
    clearInterval(this.#timer);
    this.#mounted?.unmount();
    this.#mounted = undefined;
  }

  #drawWhenDue(): void {
    if (this.#changed || performance.now() - this.#drawnAt >= idleRedrawMs) this.#draw();
  }

  #draw(): void {
    this.#changed = false;
    this.#drawnAt = performance.now();
    if (this.#terminal) this.#mounted?.draw(this.#props(this.#terminal));
  }

  #props(terminal: Terminal): BenchViewProps {
    const shown = this.#frozen ?? { state: this.#state, now: performance.now() };
    const screen: Screen = {
      ...terminal.size,
      ascii: this.options.ascii ?? false,
      now: shown.now,
      paused: this.#frozen !== null,
      interrupts: this.#interrupts,
    };
    return { state: shown.state, screen, color: this.#color };
  }

  #pressed(key: KeyPress): void {
    for (const action of actionsFor(key)) this.#act(action);
    this.#changed = true;
  }

  #act(action: BenchAction): void {
    switch (action) {
      case 'interrupt':
        this.#interrupts += 1;
        this.#frozen = null;
        this.options.onInterrupt();
        return;
      case 'pause':
        this.#frozen = this.#frozen ? null : { state: this.#state, now: performance.now() };
        return;
      case 'repaint':
        this.#terminal?.repaint();
        return;
      case 'suspend':
        this.#terminal?.suspend();
    }
  }
}
