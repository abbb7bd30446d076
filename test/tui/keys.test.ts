import { describe, expect, it } from 'vitest';
import { actionsFor } from '../../src/tui/bench/keys.js';

describe('keys of the bench screen', () => {
  it.each([
    ['c', true, ['interrupt']],
    ['p', false, ['pause']],
    ['l', true, ['repaint']],
    ['z', true, ['suspend']],
    ['z', false, []],
    ['', false, []],
  ])('%s with ctrl %s does %s', (input, ctrl, actions) => {
    expect(actionsFor({ input, ctrl })).toEqual(actions);
  });

  it('counts every ^C of a chunk typed fast', () => {
    expect(actionsFor({ input: '\u0003\u0003', ctrl: false })).toEqual(['interrupt', 'interrupt']);
  });

  it('does nothing for text typed or pasted into the wrong window', () => {
    expect(actionsFor({ input: 'cp deploy.sh prod', ctrl: false })).toEqual([]);
  });
});
