import { describe, expect, it } from 'vitest';
import { type CommandResult, outputOptions, renderResult } from '../../src/report/output.js';

const at = new Date('2026-01-02T03:04:05.678Z');
const plain = { color: false, width: 80 };
const result: CommandResult = {
  name: 'bench.list',
  data: [{ id: 'a' }, { id: 'bcd' }],
  table: {
    columns: [{ name: 'run' }, { name: 'rate', align: 'right' }],
    rows: [
      ['a', { shown: '750/s', exact: 750.25 }],
      ['bcd', null],
    ],
    empty: 'no runs yet',
  },
  warnings: ['one run is partial'],
};

describe('a result', () => {
  it('is an aligned table on a terminal', () => {
    const { stdout, stderr } = renderResult(result, { ...plain, format: 'terminal' }, at);
    expect(stdout).toBe('RUN   RATE\na    750/s\nbcd      -\n');
    expect(stderr).toBe('warning: one run is partial\n');
  });

  it('is exact and without a header in a pipe', () => {
    const { stdout } = renderResult(result, { ...plain, format: 'pipe' }, at);
    expect(stdout).toBe('a\t750.25\nbcd\t\n');
  });

  it('never breaks a row of a pipe', () => {
    const columns = [{ name: 'error' }];
    const table = { columns, rows: [['line one\n\tline two']] };
    const { stdout } = renderResult({ ...result, table }, { ...plain, format: 'pipe' }, at);
    expect(stdout).toBe('line one line two\n');
  });

  it('is one document with its warnings under --json', () => {
    const { stdout, stderr } = renderResult(result, { ...plain, format: 'json' }, at);
    expect(stderr).toBe('');
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'oncectl/bench.list/v1',
      at: '2026-01-02T03:04:05.678Z',
      data: [{ id: 'a' }, { id: 'bcd' }],
      warnings: ['one run is partial'],
    });
  });

  it('is a document when empty, a word on a terminal, and nothing in a pipe', () => {
    const empty = {
      name: 'bench.list',
      data: [],
      table: { columns: [], rows: [], empty: 'no runs' },
    };
    const shown = (format: 'json' | 'terminal' | 'pipe' | 'ids') =>
      renderResult(empty, { ...plain, format }, at).stdout;
    expect(JSON.parse(shown('json')).data).toEqual([]);
    expect(shown('terminal')).toBe('no runs\n');
    expect(shown('pipe')).toBe('');
    expect(shown('ids')).toBe('');
  });

  it('is its ids with -q', () => {
    expect(renderResult(result, { ...plain, format: 'ids' }, at).stdout).toBe('a\nbcd\n');
  });

  it('is its text byte for byte when it has no table', () => {
    const text = { name: 'schema', data: {}, text: '{\n}\n' };
    expect(renderResult(text, { ...plain, format: 'pipe' }, at).stdout).toBe('{\n}\n');
  });
});

describe('how to print', () => {
  const auto = { json: false, quiet: false, color: 'auto' } as const;
  const terminal = { isTTY: true, columns: 100, env: {} };

  it('follows the terminal', () => {
    expect(outputOptions(auto, terminal)).toEqual({ format: 'terminal', color: true, width: 100 });
    const pipe = { isTTY: false, columns: undefined, env: {} };
    expect(outputOptions(auto, pipe)).toEqual({ format: 'pipe', color: false, width: 80 });
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }, { CI: 'true' }])(
    'has no colour under %j',
    (env) => {
      expect(outputOptions(auto, { ...terminal, env }).color).toBe(false);
      expect(outputOptions({ ...auto, color: 'always' }, { ...terminal, env }).color).toBe(true);
    },
  );

  it('takes an empty NO_COLOR as not set', () => {
    expect(outputOptions(auto, { ...terminal, env: { NO_COLOR: '' } }).color).toBe(true);
  });
});
