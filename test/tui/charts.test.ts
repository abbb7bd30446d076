import { describe, expect, it } from 'vitest';
import { columnChart, lastColumns, niceMax, progressBar, sparkline } from '../../src/tui/charts.js';

const blocks = { ascii: false };
const ascii = { ascii: true };

describe('sparkline', () => {
  it('draws from the lowest to the highest block', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], blocks, 8)).toBe('▁▁▂▃▄▅▆▇█');
  });
  it('tells a gap from a zero', () => {
    expect(sparkline([null, 0, 8], blocks, 8)).toBe(' ▁█');
  });
  it('cuts values above the scale and survives a scale of nothing', () => {
    expect(sparkline([99], blocks, 8)).toBe('█');
    expect(sparkline([0, 0], blocks)).toBe('▁▁');
  });
  it('has an ASCII form', () => {
    expect(sparkline([0, 4, 8], ascii, 8)).toBe('.=#');
  });
});

describe('column chart', () => {
  it('fills the rows from below', () => {
    expect(columnChart([0, 4, 6, 8], 2, 8, blocks)).toEqual(['  ▄█', '▁███']);
  });
});

describe('progress bar', () => {
  it.each([
    [-1, '....'],
    [0.5, '##..'],
    [7, '####'],
  ])('draws a share of %f as %s', (share, bar) => {
    expect(progressBar(share, 4, ascii)).toBe(bar);
  });
});

describe('a scale', () => {
  it.each([
    [0, 1],
    [749, 800],
    [800, 800],
    [801, 1000],
    [0.03, 0.04],
    [Number.NaN, 1],
  ])('for %f ends at %f', (value, max) => {
    expect(niceMax(value)).toBeCloseTo(max, 10);
  });
});

describe('the end of a series', () => {
  it('is filled with gaps on the left or cut there', () => {
    expect(lastColumns([1, 2], 4)).toEqual([null, null, 1, 2]);
    expect(lastColumns([1, 2, 3], 2)).toEqual([2, 3]);
  });
});
