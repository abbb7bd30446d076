import { describe, expect, it } from 'vitest';
import { asOncectlError, OncectlError } from '../../src/engine/errors.js';
import { renderError } from '../../src/report/render-error.js';
import { openStream } from '../../src/report/stream.js';

const person = { json: false, color: false };
const program = { json: true, color: false };

describe('an error for a person', () => {
  it('says what, where and what to do, and nothing more', () => {
    const error = new OncectlError('denied', 'cannot write the run', {
      about: 'runs/x',
      hint: 'choose another folder with --out',
      cause: new Error('EACCES'),
    });
    expect(renderError(error, person)).toEqual({
      exit: 6,
      stdout: '',
      stderr:
        'error: cannot write the run\nwhere: runs/x\nhint:  choose another folder with --out\n',
    });
  });

  it('says so when the effect is unknown', () => {
    const error = new OncectlError('timeout', 'no answer', { happened: 'unknown' });
    expect(renderError(error, person).stderr).toContain('not known whether this took effect');
  });

  it('shows the stack of a bug, and how to report it', () => {
    const { exit, stderr } = renderError(asOncectlError(new TypeError('boom')), person);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/TypeError: boom\n\s+at .*render-error\.test/);
    expect(stderr).toMatch(/hint: {2}please report/);
  });
});

describe('an error for a program', () => {
  it('is one line with every field, empty ones too', () => {
    const { stdout, stderr } = renderError(new OncectlError('not-found', 'no run @last'), program);
    expect(stderr).toBe('');
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'oncectl/error/v1',
      error: {
        code: 'NOT_FOUND',
        exit: 5,
        message: 'no run @last',
        about: null,
        happened: 'no',
        hint: null,
      },
    });
  });

  it('keeps the stack of a bug off stdout', () => {
    const { stdout, stderr } = renderError(asOncectlError(new TypeError('boom')), program);
    expect(stdout).not.toContain(' at ');
    expect(stderr).toContain('TypeError: boom');
  });

  it('is the last line of a stream that was cut short', () => {
    const lines: string[] = [];
    const stream = openStream('status', (line) => lines.push(line));
    const stale = { message: 'out of reach', asOf: '2026-11-25T08:41:12.000Z' };
    stream.emit('warning', stale);
    const { exit, stdout } = renderError(new OncectlError('aborted', 'stopped'), program);
    expect({ exit, stdout }).toEqual({ exit: 105, stdout: '' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { schema: 'oncectl/status.event/v1', seq: 1, type: 'warning', data: stale },
      { seq: 2, type: 'error', data: { code: 'ABORTED', exit: 105 } },
    ]);
  });

  it('is a document of its own once the stream has its summary', () => {
    const calm = { verdict: 'all is well', needsCare: false, endpoints: [], workers: null };
    openStream('status', () => {}).emit('summary', { ...calm, unfinished: [], run: null });
    expect(renderError(new OncectlError('aborted', 'stopped'), program).stdout).toContain(
      'error/v1',
    );
  });
});
