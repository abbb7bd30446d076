/** The keys of the bench screen, as data: the footer and the handling are read off one list. */

export type BenchAction = 'interrupt' | 'pause' | 'repaint' | 'suspend';

export interface KeyBinding {
  /** As printed. */
  readonly label: string;
  readonly input: string;
  readonly ctrl: boolean;
  readonly action: BenchAction;
  readonly description: string;
}

export const benchKeys: readonly KeyBinding[] = [
  { label: 'p', input: 'p', ctrl: false, action: 'pause', description: 'pause view' },
  { label: '^L', input: 'l', ctrl: true, action: 'repaint', description: 'repaint' },
  { label: '^Z', input: 'z', ctrl: true, action: 'suspend', description: 'suspend' },
  { label: '^C', input: 'c', ctrl: true, action: 'interrupt', description: 'drain and report' },
];

export interface KeyPress {
  readonly input: string;
  readonly ctrl: boolean;
}

/**
 * The actions of one chunk of input. A chunk may hold several keys typed fast or pasted text: only
 * ^C counts inside one, so that text typed into the wrong window does nothing.
 */
export function actionsFor({ input, ctrl }: KeyPress): readonly BenchAction[] {
  if (input.length > 1) {
    return [...input].filter((character) => character === '\u0003').map(() => 'interrupt');
  }
  const binding = benchKeys.find((key) => key.input === input && key.ctrl === ctrl);
  return binding === undefined ? [] : [binding.action];
}
