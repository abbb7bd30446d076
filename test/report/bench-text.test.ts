import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/bench/result.js';
import { benchListRow, benchListTable, unreadableRow } from '../../src/report/bench-list.js';
import { renderBenchResult } from '../../src/report/bench-text.js';
import { expectGolden } from '../tui/golden.js';
import { cleanAudit, result, violatedAudit } from '../tui/recording.mjs';

const folder = 'runs/20260301-084100-classic';

function text(changes: object, color = false, width = 80): string {
  return renderBenchResult(result(changes) as unknown as BenchResult, { color, width, folder });
}

const violated = {
  status: 'failed',
  correctness: violatedAudit,
  verdict: { generator: 'The generator kept up.', audit: 'VIOLATED: 1 lost, 3 doubled.' },
};

const invalid = {
  status: 'invalid',
  generator: { valid: false, lagP99Us: 25_000, reason: 'send lag' },
  verdict: {
    generator: 'INVALID: the generator fell behind, send lag p99 25.0 ms (at most 10 ms).',
    audit: 'Nothing was lost, applied twice or leaked.',
  },
};

describe('the report of a bench', () => {
  it.each([
    ['clean', {}],
    ['violated', violated],
    ['invalid', invalid],
    ['aborted-without-anything', { status: 'aborted', stages: [], correctness: null, faults: [] }],
  ])('looks as accepted when %s', (name, changes) => {
    expectGolden(`../../report/golden/bench-${name}.txt`, text(changes));
  });

  it('starts with the verdict on the generator, then the audit', () => {
    const [first, second] = text(invalid, false, 120).split('\n');
    expect(first).toMatch(/^Generator {2}INVALID/);
    expect(second).toMatch(/^Audit {6}Nothing was lost/);
  });

  it('stays within 80 columns', () => {
    for (const changes of [{}, violated, invalid]) {
      const widths = text(changes)
        .split('\n')
        .map((line) => [...line].length);
      expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    }
  });

  it('says with colour the same as without', () => {
    const colored = text(violated, true);
    expect(colored).toContain('\u001b[1;31m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
    expect(colored.replace(/\u001b\[[\d;]*m/g, '').replace(/ +$/gm, '')).toBe(text(violated));
    expect(text(violated)).not.toContain('\u001b');
  });

  it('names the violating messages with their history', () => {
    expect(text(violated)).toContain('payments  01J9Z4K7QF000000000000001A');
    expect(text(violated)).toContain('commit   payments  version 41');
  });

  it('shows the beginning and the end of a long history, and tells where the rest is', () => {
    const [first] = violatedAudit.firstViolations;
    const history = Array.from({ length: 40 }, (_, index) => `line-${index}.`);
    const many = new Array(20).fill({ ...first, history });
    const shown = text({ ...violated, correctness: { ...violatedAudit, firstViolations: many } });
    expect(shown).toMatch(/line-2\.\n +\.\.\. 32 more lines \.\.\.\n +line-35\./);
    expect(shown.match(/ I2 payments/g)).toHaveLength(3);
    expect(shown).toContain('17 more with their whole history: oncectl bench show');
  });

  it('does not call anything lost or found when the run was cut short', () => {
    const cut = { ...cleanAudit, lossDecided: false };
    expect(text({ status: 'aborted', correctness: cut })).toContain('lost undecided');
  });

  it('says nothing of an audit that was off', () => {
    expect(text({ correctness: null })).not.toMatch(/doubled/);
  });

  it('lists endpoints only when they differ', () => {
    const same = result() as unknown as BenchResult;
    const stages = same.stages.map((stage) => ({
      ...stage,
      endpoints: stage.endpoints.map((endpoint) => ({ ...endpoint, hop: stage.latency.hop })),
    }));
    expect(text({})).toContain('Hop latency of the slowest endpoints');
    expect(text({ stages })).not.toContain('slowest endpoints');
  });

  it('leaves out calls that were never made and keeps rare ones', () => {
    const perHandledMessage = { 'broker.send': 1, 'broker.release': 0, 'broker.extend': 0.001 };
    const shown = text({ operations: { perHandledMessage, counts: {} } });
    expect(shown).toContain('broker.extend  <0.01');
    expect(shown).not.toContain('broker.release');
  });

  it('calls a noisy disk noisy', () => {
    const { environment } = result() as unknown as BenchResult;
    const disk = { ...environment.disk, quiet: false };
    expect(text({ environment: { ...environment, disk } })).toContain('Disk       noisy');
    expect(text({})).toContain('Disk       quiet');
  });
});

describe('the list of runs', () => {
  it('tells of each run how it ended, its rate and what the audit found', () => {
    const rows = [
      benchListRow(result() as unknown as BenchResult, folder),
      benchListRow(result(violated) as unknown as BenchResult, folder),
      benchListRow(result({ stages: [], correctness: null }) as unknown as BenchResult, folder),
      unreadableRow('20260301-090000-classic', folder),
    ];
    const { columns, rows: cells } = benchListTable(rows);
    expect(cells.every((row) => row.length === columns.length)).toBe(true);
    expect(cells.map((row) => row.slice(3))).toEqual([
      ['passed', { shown: '749.6', exact: 749.6 }, { shown: '8.85', exact: 8.853 }, 'clean'],
      ['failed', { shown: '749.6', exact: 749.6 }, { shown: '8.85', exact: 8.853 }, 'violated'],
      ['passed', null, null, 'not audited'],
      ['unreadable', null, null, 'not audited'],
    ]);
  });

  it('does not call a run clean whose losses are undecided', () => {
    const cut = { ...cleanAudit, lossDecided: false };
    expect(benchListRow(result({ correctness: cut }) as unknown as BenchResult, folder).audit).toBe(
      'undecided',
    );
  });

  it('tells what to type when there is no run', () => {
    expect(benchListTable([]).empty).toContain('oncectl bench run quick');
  });
});
