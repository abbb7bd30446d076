/** What a handler may do, what becomes of it, and which of its mistakes are refused before a commit. */
import { describe, expect, it } from 'vitest';
import {
  endpoint,
  type Handler,
  runHandler,
  type Send,
  type SendLimits,
} from '../../src/engine/handler.js';
import { bytes, id, message, refusal, text } from '../conformance/fixtures.js';

const limits: SendLimits = {
  sendsTo: ['stock', 'payments'],
  mayName: new Set(['stock', 'payments', 'audit-log']),
  maxBodyBytes: 1000,
};
const incoming = message('orders', {
  type: 'OrderPlaced',
  key: 'order-7',
  headers: { intendedAt: 5 },
});

function run(handler: Handler, given: { body?: string; before?: string; type?: string } = {}) {
  const { body = '{"amount":3}', before, type = 'OrderPlaced' } = given;
  const definition = endpoint<Record<string, unknown>>({
    name: 'orders',
    handlers: { [type]: handler },
  });
  const state = before === undefined ? null : bytes(before);
  const mint = { transaction: 'the transaction', messageId: id };
  return runHandler(definition, limits, incoming, bytes(body), state, mint);
}

describe('a handler', () => {
  it('gets the parsed body, the bytes as they travelled, and the state', async () => {
    const seen: unknown[] = [];
    await run(
      (got, entity) => {
        seen.push(got.id, got.key, got.body, text(got.bytes), entity.key, entity.state);
      },
      { before: '{"sum":4}' },
    );
    const body = '{"amount":3}';
    expect(seen).toEqual([incoming.id, 'order-7', { amount: 3 }, body, 'order-7', { sum: 4 }]);
  });

  it('is waited for, and its last state counts', async () => {
    const { state } = await run(async (_message, entity) => {
      entity.state = { sum: 1 };
      await Promise.resolve();
      entity.state = { sum: 2 };
    });
    expect(text(state ?? null)).toBe('{"sum":2}');
  });

  it('that writes what was there leaves the state unchanged', async () => {
    const { state } = await run(
      (_message, entity) => {
        entity.state = { sum: 4 };
      },
      { before: '{"sum":4}' },
    );
    expect(state).toBeUndefined();
  });

  it('that touches nothing on a new entity leaves it unchanged', async () => {
    expect((await run(() => {})).state).toBeUndefined();
  });

  it('removes the state with null', async () => {
    const { state } = await run(
      (_message, entity) => {
        entity.state = null;
      },
      { before: '{"sum":4}' },
    );
    expect(state).toBeNull();
  });

  it('named "*" takes the types that have none of their own', async () => {
    let took = '';
    await run(
      ({ type }) => {
        took = type;
      },
      { type: '*' },
    );
    expect(took).toBe('OrderPlaced');
  });
});

describe('send', () => {
  const sending = (...options: Parameters<Send>[0][]) =>
    run((_message, _entity, send) => {
      for (const one of options) send(one);
    });

  it('without a receiver makes one message, with its own id, for each endpoint sent to', async () => {
    const { messages } = await sending({ type: 'Reserved', body: { count: 2 } });
    expect(messages.map((one) => one.endpoint)).toEqual(['stock', 'payments']);
    expect(new Set(messages.map((one) => one.id)).size).toBe(2);
    expect(messages.map((one) => text(one.body))).toEqual(['{"count":2}', '{"count":2}']);
  });

  it('carries what caused it, the transaction, and the time its chain was meant to start', async () => {
    const { messages } = await sending({ type: 'Reserved', to: 'stock' });
    expect(messages[0]?.headers).toEqual({
      causedBy: incoming.id,
      transaction: 'the transaction',
      intendedAt: 5,
    });
  });

  it('keeps the key of the message at hand unless another is given', async () => {
    const { messages } = await sending(
      { type: 'Reserved', to: 'stock' },
      { type: 'Reserved', to: 'stock', key: 'item-1' },
    );
    expect(messages.map(({ key }) => key)).toEqual(['order-7', 'item-1']);
  });

  it('reaches endpoints by name, and sends bytes as they are', async () => {
    const { messages } = await sending({
      type: 'Noted',
      to: 'audit-log',
      bytes: bytes('not JSON'),
    });
    expect(messages.map((one) => [one.endpoint, text(one.body)])).toEqual([
      ['audit-log', 'not JSON'],
    ]);
  });

  it.each([
    ['to an endpoint that does not exist', { type: 'A', to: 'nowhere' }, /"nowhere"/],
    ['too large a body', { type: 'A', to: 'stock', body: 'x'.repeat(999) }, /1001 bytes; 1000/],
    ['under an empty key', { type: 'A', to: 'stock', key: '' }, /key/],
    ['under a key that is no text', { type: 'A', to: 'stock', key: '\ud800' }, /key/],
    ['under too long a key', { type: 'A', to: 'stock', key: 'k'.repeat(2000) }, /key/],
    ['with an empty type', { type: '', to: 'stock' }, /type/],
    ['what JSON cannot say', { type: 'A', to: 'stock', body: () => {} }, /JSON/],
  ] as const)('%s is refused as an invalid message', async (_what, options, words) => {
    const error = await refusal(sending(options));
    expect(error.kind).toBe('invalid-message');
    expect(error.message).toMatch(words);
  });

  it('without a receiver is refused where nobody said whom it sends to', async () => {
    const definition = endpoint<Record<string, unknown>>({
      name: 'orders',
      handlers: { '*': (_message, _entity, send) => send({ type: 'Reserved' }) },
    });
    const mint = { transaction: 'the transaction', messageId: id };
    const noReceivers = { ...limits, sendsTo: null };
    const handled = runHandler(definition, noReceivers, incoming, bytes('{}'), null, mint);
    expect((await refusal(handled)).message).toMatch(/receiver/);
  });

  it('after the handler has ended is refused, and changes nothing that may be committed', async () => {
    let late: Send = () => {};
    const { messages } = await run((_message, _entity, send) => {
      send({ type: 'Reserved', to: 'stock' });
      late = send;
    });
    expect(() => late({ type: 'Reserved', to: 'stock' })).toThrow(/ended/);
    expect(messages).toHaveLength(1);
  });
});

describe('a handler at fault', () => {
  it('that throws is told as its own error, with the cause', async () => {
    const thrown = new Error('out of stock');
    const error = await refusal(
      run(() => {
        throw thrown;
      }),
    );
    expect([error.kind, error.message, error.cause]).toEqual(['handler', 'out of stock', thrown]);
    expect(error.about).toContain('orders');
  });

  it('that throws no error at all is told too', async () => {
    const error = await refusal(run(() => Promise.reject('just text')));
    expect([error.kind, error.message]).toEqual(['handler', 'just text']);
  });

  it('whose state JSON cannot say is told as its error, not as a bug', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const state of [circular, () => {}, 3n]) {
      const error = await refusal(
        run((_message, entity) => {
          entity.state = state;
        }),
      );
      expect(error.kind).toBe('handler');
      expect(error.message).toMatch(/state.*JSON/);
    }
  });

  it('is missing for a type', async () => {
    const error = await refusal(run(() => {}, { type: 'OrderCancelled' }));
    expect(error.kind).toBe('handler');
    expect(error.message).toContain('OrderPlaced');
  });

  it('is not called with a body that is not JSON', async () => {
    let called = false;
    const error = await refusal(
      run(
        () => {
          called = true;
        },
        { body: '{"cut' },
      ),
    );
    expect([error.kind, called]).toEqual(['invalid-message', false]);
  });
});

it.each(['', 'a/b', '-a', 'a b', 'é', 'x'.repeat(64)])(
  'refuses %j as the name of an endpoint',
  (name) => {
    expect(() => endpoint({ name, handlers: {} })).toThrow(/cannot be the name/);
  },
);
