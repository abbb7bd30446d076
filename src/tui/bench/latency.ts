/** The latency table: a row per definition, columns dropped from the right when the room ends. */
import type { LatencyPoint } from '../../bench/events.js';
import type { LatencyName } from '../../bench/result.js';
import { type Line, span } from '../../report/ansi.js';
import { formatMs } from '../../report/format.js';
import { latencyRows, quantileColumns } from '../../report/latency-rows.js';
import { lastColumns, sparkline } from '../charts.js';
import type { Screen } from './screen.js';
import type { BenchState } from './state.js';

const labelWidth = 12;
const cellWidth = 9;

/** Header and rows; `columns` wide at most. */
export function latencyTable(state: BenchState, columns: number, screen: Screen): Line[] {
  const fitting = Math.max(1, Math.floor((columns - labelWidth) / cellWidth));
  const shown = quantileColumns.slice(0, fitting);
  const rest = columns - labelWidth - shown.length * cellWidth;
  const trend = rest >= 14 ? rest - 3 : 0;
  const heads = shown.map((quantile) => quantile.label.padStart(cellWidth)).join('');
  const head = ''.padEnd(labelWidth) + heads + (trend > 0 ? '   p99 by second' : '');
  return [
    [span(head, 'gray')],
    ...latencyRows.map(({ name, label }) => {
      const cells = shown.map(({ key }) => cellText(state, name, key)).join('');
      const row = [span(` ${label}`.padEnd(labelWidth)), span(cells)];
      return trend > 0
        ? [...row, span('   '), span(trendOf(state, name, trend, screen), 'yellow')]
        : row;
    }),
  ];
}

function cellText(state: BenchState, name: LatencyName, key: keyof LatencyPoint): string {
  const point = state.latest?.latency[name];
  const text = point === undefined || point.count === 0 ? '.' : formatMs(point[key]);
  return text.padStart(cellWidth);
}

/** Only chain and hop are reported by the second. */
function trendOf(state: BenchState, name: LatencyName, width: number, screen: Screen): string {
  if (name !== 'chain' && name !== 'hop') return '';
  const values = state.history.map((point) => (name === 'hop' ? point.hopP99 : point.chainP99));
  return sparkline(lastColumns(values, width), screen);
}
