import { afterEach, describe, expect, it, vi } from 'vitest';
import { startDynamodbLocal } from '../../src/dev/dynamodb-local.js';
import { startPostgres } from '../../src/dev/postgres.js';

const { platform } = process;
afterEach(() => {
  vi.unstubAllEnvs();
  Object.defineProperty(process, 'platform', { value: platform });
});

describe('a machine that lacks what a server needs', () => {
  it('has no DynamoDB Local without Java', async () => {
    vi.stubEnv('PATH', '');
    expect(await startDynamodbLocal({ folder: 'never-made' })).toBeNull();
  });

  it('is told which variables to set for a PostgreSQL of its own', async () => {
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const started = startPostgres({ folder: 'never-made', version: '18' });
    await expect(started).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('no PostgreSQL 18 for darwin'),
      hint: expect.stringContaining('PGHOST'),
    });
  });
});
