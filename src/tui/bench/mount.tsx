/** Puts the bench view on a terminal. The only file that starts ink. */
import type { ReadStream, WriteStream } from 'node:tty';
import { render, useInput } from 'ink';
import type { ReactElement } from 'react';
import type { KeyPress } from './keys.js';
import { BenchView, type BenchViewProps } from './view.js';

export interface MountOptions {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
  readonly props: BenchViewProps;
  readonly onKey: (key: KeyPress) => void;
  /** Drawing threw; the view is unmounted. */
  readonly onFailure: (error: Error) => void;
}

export interface MountedView {
  draw(props: BenchViewProps): void;
  unmount(): void;
}

/** Draws the first frame at once; keys come only when `stdin` is a terminal. */
export function mountBench(options: MountOptions): MountedView {
  const { stdout, stdin, props, onKey, onFailure } = options;
  const root = (shown: BenchViewProps) => (
    <Root view={shown} hasKeys={stdin.isTTY === true} onKey={onKey} />
  );
  const instance = render(root(props), {
    stdout,
    stdin,
    exitOnCtrlC: false,
    patchConsole: false,
    // Every write is one complete frame, nothing else: `frames.ts` says why.
    debug: true,
  });
  instance.waitUntilExit().catch(onFailure);
  return {
    draw: (shown) => instance.rerender(root(shown)),
    unmount: () => instance.unmount(),
  };
}

interface RootProps {
  readonly view: BenchViewProps;
  readonly hasKeys: boolean;
  readonly onKey: (key: KeyPress) => void;
}

/** The one place that listens for keys: every mounted `useInput` would get every key. */
function Root({ view, hasKeys, onKey }: RootProps): ReactElement {
  useInput((input, key) => onKey({ input, ctrl: key.ctrl }), { isActive: hasKeys });
  return <BenchView {...view} />;
}
