import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../src/engine/message.js';
import { openEnteredLog } from '../../src/load/entered-log.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-entered-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const message = (id: string): Message => ({
  id,
  endpoint: 'first',
  type: 'Generated',
  key: 'a\tb/c',
  body: new Uint8Array(),
  headers: {},
});
const written = () => readFileSync(join(folder, 'entered-generator.tsv'), 'utf8');

describe('the log of entered messages', () => {
  test('writes whole lines in the format of the evidence, with each flush', () => {
    const log = openEnteredLog(folder, 'generator');
    log.entered(message('A'), 'hash', 'unknown');
    expect(written()).toBe('');
    log.flush();
    expect(written()).toBe('A\tfirst\ta%09b%2Fc\thash\tunknown\n');
    log.entered(message('A'), 'hash', 'accepted');
    log.close();
    expect(written().split('\n')[1]).toBe('A\tfirst\ta%09b%2Fc\thash\taccepted');
  });

  test('appends to what an earlier process left', () => {
    for (const id of ['A', 'B']) {
      const log = openEnteredLog(folder, 'generator');
      log.entered(message(id), '', 'unknown');
      log.close();
    }
    expect(written().match(/^[AB]/gm)).toEqual(['A', 'B']);
  });

  test('says where it could not be opened', () => {
    expect(() => openEnteredLog(join(folder, 'missing'), 'generator')).toThrow(
      expect.objectContaining({ name: 'OncectlError', about: join(folder, 'missing') }),
    );
  });
});
