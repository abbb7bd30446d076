import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deadQueueName, queueName } from '../../../src/backends/aws/sqs/names.js';

const letters = (text: string) => fc.constantFrom(...text);
const endpoints = fc.oneof(
  fc.string({ unit: letters('ab.-_x0'), minLength: 1, maxLength: 8 }),
  fc.string({ unit: letters('abcXYZ019._-'), minLength: 1, maxLength: 63 }),
  fc.string({ unit: letters('a'), minLength: 1, maxLength: 63 }),
  fc.constantFrom(
    'orders',
    'orders-dead',
    'orders-dead-dead',
    'orders.dead',
    'a-x0123456789abcdef',
  ),
);
const namespaces = fc.oneof(
  fc.string({ unit: letters('ab-'), minLength: 1, maxLength: 4 }),
  fc.string({ unit: letters('abc019-'), minLength: 30, maxLength: 40 }),
);

it('every queue has a name that SQS takes', () => {
  fc.assert(
    fc.property(namespaces, endpoints, (namespace, endpoint) => {
      for (const name of [queueName(namespace, endpoint), deadQueueName(namespace, endpoint)]) {
        expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
      }
    }),
  );
});

it('no two queues share a name, over endpoints, dead letters and namespaces', () => {
  const pairs = fc.uniqueArray(fc.tuple(namespaces, endpoints), {
    selector: (pair) => pair.join(' '),
    maxLength: 30,
  });
  fc.assert(
    fc.property(pairs, (all) => {
      const names = all.flatMap(([namespace, endpoint]) => [
        queueName(namespace, endpoint),
        deadQueueName(namespace, endpoint),
      ]);
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 500 },
  );
});

it('a plain endpoint is readable in its queue', () => {
  expect(queueName('shop', 'orders')).toBe('shop_orders');
  expect(deadQueueName('shop', 'orders')).toBe('shop_orders-dead');
});

it('a namespace that could not be told from an endpoint is refused', () => {
  for (const namespace of ['', 'a_b', 'A', 'a'.repeat(41)]) {
    expect(() => queueName(namespace, 'orders')).toThrow(
      expect.objectContaining({ kind: 'profile' }),
    );
  }
});
