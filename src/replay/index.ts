import type { Invariant } from '../verify/history.js';
import type { Move, TraceFile } from '../verify/index.js';
export interface Replayed {
  readonly violation: { readonly invariant: Invariant; readonly text: string } | null;
  readonly steps: readonly { readonly move: Move; readonly did: string }[];
  readonly divergedAt: number | null;
  readonly kills: number;
}
export async function replayOnStores(
  _file: TraceFile,
  _options: {
    folder: string;
    protocol?: 'right' | 'as in the trace';
    onStep?: (index: number) => void;
  },
): Promise<Replayed> {
  throw new Error('not yet');
}
