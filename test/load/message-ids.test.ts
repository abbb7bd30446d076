import { describe, expect, test } from 'vitest';
import { idTime } from '../../src/engine/ids.js';
import { MessageIds, runTag } from '../../src/load/message-ids.js';

describe('ids of entering messages', () => {
  test('are 26 characters that rise with the time and, within a millisecond, with the index', () => {
    const ids = new MessageIds('some run');
    const made = [0, 1, 1023, 1024, 1025, 1_048_576, 2 ** 39].map((index) =>
      ids.id(index, 1_700_000_000_000.25 + Math.floor(index / 1025)),
    );
    expect(made.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
    expect(made.toSorted()).toEqual(made);
    expect(idTime(made[0] ?? '')).toBe(1_700_000_000_000);
  });

  test('are the same on every retry, in every process', () => {
    const id = new MessageIds('run').id(5000, 1_700_000_000_001.9);
    expect(new MessageIds('run').id(5000, 1_700_000_000_001.9)).toBe(id);
  });

  test('contain the run, as it is where it fits', () => {
    expect(runTag('7Z2K9QXA')).toBe('7Z2K9QXA');
    expect(new MessageIds('7Z2K9QXA').id(0, 1)).toContain('7Z2K9QXA');
    expect(runTag('2024-01-01-classic')).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(runTag('2024-01-01-classic')).not.toBe(runTag('2024-01-02-classic'));
  });
});
