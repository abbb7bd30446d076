import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { foreignKinds } from '../../src/engine/foreign.js';
import { packageRoot } from '../../src/profile/package-root.js';
import { loadText } from './folder.js';

const shop = (outboxes: string) =>
  `deployment: { endpoints: [{ name: orders }], outboxes: [${outboxes}] }\nload: { rate: 1/s }\n`;

test('an outbox has what its kind has; what is not said is as its library does it', async () => {
  const { profile, warnings } = await loadText(
    shop(`{ name: sales, kind: nservicebus, prefix: Sales_, url: "postgres://db/sales" },
      { name: bus, kind: masstransit, schema: bus },
      { name: library, kind: pg-transactional-outbox, to: orders },
      { name: own, kind: table, table: left, to: orders, columns: { id: a, payload: b, key: c },
        dispatched: { column: state, before: NEW, after: SENT } }`),
  );
  expect(warnings).toEqual([]);
  const schema = 'public';
  expect(profile.deployment.outboxes).toStrictEqual([
    {
      ...{ name: 'sales', url: 'postgres://db/sales', to: null },
      source: { kind: 'nservicebus', schema, prefix: 'Sales_' },
    },
    { name: 'bus', url: null, to: null, source: { kind: 'masstransit', schema: 'bus' } },
    {
      ...{ name: 'library', url: null, to: 'orders' },
      source: { kind: 'pg-transactional-outbox', schema, table: 'outbox' },
    },
    {
      ...{ name: 'own', url: null, to: 'orders' },
      source: {
        ...{ kind: 'table', schema, table: 'left' },
        columns: { id: 'a', payload: 'b', type: null, key: 'c', createdAt: null },
        dispatched: { column: 'state', values: { before: 'NEW', after: 'SENT' } },
      },
    },
  ]);
});

test('there is none unless the profile says so', async () => {
  expect((await loadText(shop(''))).profile.deployment.outboxes).toEqual([]);
});

test('the example in docs/records.md is one', async () => {
  const page = await readFile(join(packageRoot(), 'docs', 'records.md'), 'utf8');
  const [, example = ''] = /```yaml\n([^`]*outboxes:[^`]*)```/.exec(page) ?? [];
  const text = `${example}  endpoints: [{ name: orders }]\nload: { rate: 1/s }\n`;
  const { profile } = await loadText(text, { env: { SALES_DATABASE_URL: 'postgres://db/sales' } });
  expect(profile.deployment.outboxes.map(({ source }) => source.kind)).toEqual([...foreignKinds]);
});
