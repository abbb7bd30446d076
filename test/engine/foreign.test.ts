import { expect, it } from 'vitest';
import { foreignMessageId } from '../../src/engine/foreign.js';

it('gives a foreign row the id that docs/records.md describes', () => {
  // Worked out by other means: int(sha256('["legacy","42"]'), 16), five bits a character.
  expect(foreignMessageId('legacy', '42')).toBe('3FZH1717TXST3AW3QCYQJRST4H');
});
