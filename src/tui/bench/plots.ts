/** The charts of the bench screen: a rate or a latency over time, with the faults that struck. */
import type { FaultRecord } from '../../bench/result.js';
import { type Color, type Line, span } from '../../report/ansi.js';
import { faultName } from '../../report/faults.js';
import { formatCount } from '../../report/format.js';
import { columnChart, highest, lastColumns, niceMax } from '../charts.js';
import type { Screen } from './screen.js';
import type { BenchState, HistoryPoint } from './state.js';

const axisWidth = 9;
const widestPoint = 6;

export interface Plot {
  readonly value: (point: HistoryPoint) => number | null;
  readonly label: (value: number) => string;
  readonly rows: number;
  readonly columns: number;
  readonly color: Color;
}

/** Rows of a chart with its axis; the newest second stands at the right edge. */
export function plotLines(state: BenchState, plot: Plot, screen: Screen): Line[] {
  const width = Math.max(1, plot.columns - axisWidth - 1);
  const each = columnsPerPoint(state, width);
  const series = state.history.flatMap((point) =>
    new Array<number | null>(each).fill(plot.value(point)),
  );
  const values = lastColumns(series, width);
  const max = niceMax(highest(values));
  const corner = screen.ascii ? '+' : '┤';
  return columnChart(values, plot.rows, max, screen).map((row, index) => {
    const value = (max * (plot.rows - index)) / plot.rows;
    const text = plot.rows < 4 || index % 2 === 0 ? plot.label(value) : '';
    return [
      span(`${text.padStart(axisWidth - 2)} ${corner}`, 'gray'),
      span(row, plot.color),
      span(' '),
    ];
  });
}

/** A short run is drawn wider, so that the whole of it fills the chart in the end. */
function columnsPerPoint(state: BenchState, width: number): number {
  const plannedMs = (state.start?.stages ?? []).reduce((sum, stage) => sum + stage.durationMs, 0);
  const seconds = Math.max(1, plannedMs / 1000);
  return Math.max(1, Math.min(widestPoint, Math.floor(width / seconds)));
}

/** The handled rate, with a line of marks under it: `^kill orders after commit`. */
export function ratePlot(state: BenchState, rows: number, screen: Screen): Line[] {
  const plot: Plot = {
    value: (point) => point.handledPerSecond,
    label: formatCount,
    rows,
    columns: screen.columns,
    color: 'green',
  };
  const width = Math.max(1, screen.columns - axisWidth - 1);
  const marks = markText(state, width);
  return [
    ...plotLines(state, plot, screen),
    [span('0 '.padStart(axisWidth), 'gray'), span(marks, 'red')],
  ];
}

/** Marks stand under the second they struck in, each with the words that fit before the next. */
function markText(state: BenchState, width: number): string {
  const cells: string[] = new Array(width).fill(' ');
  const columnOf = columns(state, width);
  let free = width;
  for (const fault of [...state.strikes].reverse()) {
    const column = columnOf(fault);
    if (column === null || column >= free) continue;
    const shown = [...markLabel(fault, free - column - (free === width ? 0 : 1))];
    shown.forEach((character, offset) => {
      cells[column + offset] = character;
    });
    free = column;
  }
  return cells.join('');
}

/** As many words as fit, at least the mark itself. */
function markLabel(fault: FaultRecord, room: number): string {
  const words = `^${faultName(fault)}`.split(' ');
  while (words.length > 0 && words.join(' ').length > room) words.pop();
  return words.length > 0 ? words.join(' ') : '^';
}

function columns(state: BenchState, width: number): (fault: FaultRecord) => number | null {
  const each = columnsPerPoint(state, width);
  const shown = state.history.slice(Math.max(0, state.history.length - Math.floor(width / each)));
  const [first] = shown;
  return (fault) => {
    const index = shown.findIndex((point) => point.atMs >= fault.atMs);
    if (index < 0 || first === undefined || fault.atMs < first.atMs - 2000) return null;
    return width - (shown.length - index) * each;
  };
}
