import { describe, expect, it } from 'vitest';
import { OncectlError } from '../../src/engine/errors.js';
import { readCommandLine, wantsJson } from '../../src/report/command-line.js';

const ids = ['bench:run', 'bench:show', 'bench:list', 'version', 'profile:list'];

function refusal(argv: string[]): OncectlError {
  try {
    readCommandLine(argv, ids);
  } catch (error) {
    if (error instanceof OncectlError) return error;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
}

describe('a command line', () => {
  it('names a command, and leaves the rest to it', () => {
    const line = readCommandLine(['bench', 'run', 'classic', '--seed', '4'], ids);
    expect(line).toEqual({ kind: 'run', id: 'bench:run', argv: ['classic', '--seed', '4'] });
  });

  it('may begin with global flags', () => {
    const line = readCommandLine(['--color', 'never', '-q', 'bench', 'show', '@last'], ids);
    expect(line).toEqual({
      kind: 'run',
      id: 'bench:show',
      argv: ['--color', 'never', '-q', '@last'],
    });
  });

  it.each([
    [[], []],
    [['--help'], []],
    [['--json'], []],
    [['help'], []],
    [['bench'], ['bench']],
    [['bench', '-h'], ['bench']],
    [
      ['help', 'bench', 'run'],
      ['bench', 'run'],
    ],
    [
      ['bench', 'run', 'classic', '--help'],
      ['bench', 'run'],
    ],
  ])('%j asks for help on %j', (argv, subject) => {
    expect(readCommandLine(argv, ids)).toEqual({ kind: 'help', subject });
  });

  it('leaves a --help behind -- to the command', () => {
    expect(readCommandLine(['bench', 'run', '--', '--help'], ids).kind).toBe('run');
  });

  it.each([
    [['bench', 'rnu'], 'bench rnu', 'bench run'],
    [['bench', 'rnu', '--help'], 'bench rnu', 'bench run'],
    [['versoin', '--json'], 'versoin', 'version'],
    [['profiel', 'list'], 'profiel', undefined],
  ])('%j is refused', (argv, about, meant) => {
    const error = refusal(argv);
    expect(error).toMatchObject({ kind: 'usage', about });
    expect(error.hint).toContain(meant === undefined ? 'oncectl --help' : `oncectl ${meant}?`);
  });

  it('refuses an unknown flag without a command', () => {
    expect(refusal(['--vresion'])).toMatchObject({
      kind: 'usage',
      hint: 'did you mean --version?',
    });
  });
});

describe('--json', () => {
  it('counts before -- only, and from the environment', () => {
    expect(wantsJson(['x', '--json'], {})).toBe(true);
    expect(wantsJson(['x', '--', '--json'], {})).toBe(false);
    expect(wantsJson(['x'], { ONCECTL_JSON: 'true' })).toBe(true);
    expect(wantsJson(['x'], { ONCECTL_JSON: '0' })).toBe(false);
  });
});
