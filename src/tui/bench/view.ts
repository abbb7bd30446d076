/** The bench screen as an ink element: one `<Text>` a line, cut and never wrapped. */
import { Box, Text } from 'ink';
import { createElement, type ReactElement } from 'react';
import { paint } from '../../report/ansi.js';
import { benchLines } from './layout.js';
import type { Screen } from './screen.js';
import type { BenchState } from './state.js';

export interface BenchViewProps {
  readonly state: BenchState;
  readonly screen: Screen;
  readonly color: boolean;
}

/** Pure: the same props give the same frame, of exactly `rows - 1` lines. */
export function BenchView({ state, screen, color }: BenchViewProps): ReactElement {
  // An empty text would have no height.
  const lines = benchLines(state, screen).map((line) =>
    createElement(Text, { wrap: 'truncate' }, paint(line, color) || ' '),
  );
  const box = { flexDirection: 'column', height: Math.max(1, screen.rows - 1) } as const;
  return createElement(Box, { ...box, overflow: 'hidden' }, ...lines);
}
