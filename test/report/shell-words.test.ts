import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellLine } from '../../src/report/shell-words.js';

it('a shell reads back the words, whatever is in them', () => {
  const words = ['--set', 'faults=[{"kind":"kill"}]', "it's", '$HOME `x` *', '', 'a b', 'plain=1'];
  const script = `printf '%s\\0' ${shellLine(words)}`;
  const read = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  expect(read.split('\0').slice(0, -1)).toEqual(words);
});

it('plain words stay as they were typed', () => {
  expect(shellLine(['oncectl', 'bench', 'run', '--set', 'load.rate=80/s'])).toBe(
    'oncectl bench run --set load.rate=80/s',
  );
});
