import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributesOf,
  bytesOf,
  decode,
  encode,
  encodedOf,
  pastOf,
  withPast,
} from '../../../src/backends/aws/sqs/encoding.js';
import { batchBytes, pastBytes } from '../../../src/backends/aws/sqs/limits.js';
import type { Failure, Message } from '../../../src/engine/message.js';
import { message, noise, same } from '../../conformance/fixtures.js';

const anyText = fc.string({ unit: 'binary', maxLength: 50 });
const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  anyText.map((text) => new TextEncoder().encode(text)),
);
/** What Amazon SQS documents as legal, but for the characters that other servers refuse. */
const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]+$/;

function parts(one: Message): string[] {
  const encoded = encode(one);
  return [encoded.body, ...Object.values(attributesOf(encoded)).map((each) => each.StringValue)];
}

/** There and back, by way of what SQS hands out. */
function travelled(one: Message): Message | null {
  const encoded = encode(one);
  const received = { Body: encoded.body, MessageAttributes: attributesOf(encoded) };
  const found = encodedOf(received);
  return found && decode(found, one.endpoint);
}

describe('a message in SQS', () => {
  it('comes back as it was, whatever its body, key, type and headers', () => {
    const any = fc.record({ body: anyBody, key: anyText, type: anyText, causedBy: anyText });
    fc.assert(
      fc.property(any, ({ body, key, type, causedBy }) => {
        const sent = message('orders', { body, key, type, headers: { causedBy } });
        same(travelled(sent), sent);
      }),
    );
  });

  it('keeps half a surrogate pair in a key, and tells two of them apart', () => {
    for (const key of ['\ud800', '\ud801', 'a\udc00b', '\ufffe', '\uffff', '\u0000']) {
      expect(travelled(message('orders', { key }))?.key).toBe(key);
    }
  });

  it('holds only characters that SQS takes, and no empty value', () => {
    const any = fc.record({ body: anyBody, key: fc.string({ unit: 'binary' }) });
    fc.assert(
      fc.property(any, ({ body, key }) => {
        for (const part of parts(message('orders', { body, key }))) expect(part).toMatch(legal);
      }),
    );
  });

  it('leaves a body that is legal text readable', () => {
    const text = '{"name":"Bestellung Ä/1 鍵"}\n';
    expect(encode(message('orders', { body: new TextEncoder().encode(text) })).body).toBe(text);
  });

  it('counts body and attributes as SQS does', () => {
    const encoded = encode(message('orders', { body: new TextEncoder().encode('Ä') }));
    const head = Buffer.byteLength(encoded.head) + 'oncectlString'.length;
    expect(bytesOf(encoded)).toBe(2 + head + 26 + 'oncectl-idString'.length);
  });

  it('is refused when it does not fit, and otherwise fits with the largest past', () => {
    const room = batchBytes - pastBytes - 400;
    const largest = encode(message('orders', { body: new Uint8Array(room).fill(65) }));
    const failures = Array.from({ length: 300 }, (_, at) => failureOf(at, 4000));
    expect(bytesOf(withPast(largest, { receives: 9, failures }))).toBeLessThanOrEqual(batchBytes);
    const tooLarge = message('orders', { body: noise(batchBytes - pastBytes) });
    expect(() => encode(tooLarge)).toThrow(
      expect.objectContaining({ kind: 'too-large', happened: 'no' }),
    );
  });

  it('of somebody else is told from ours', () => {
    expect(encodedOf({ Body: 'hello' })).toBeNull();
    const own = encode(message('orders'));
    expect(decode({ ...own, head: 'not JSON' }, 'orders')).toBeNull();
    expect(decode({ ...own, head: '{}' }, 'orders')).toBeNull();
  });
});

describe('the failures of a copy', () => {
  it('stay whole as long as they fit', () => {
    const past = { receives: 3, failures: [failureOf(1, 20), failureOf(2, 20)], deadAt: 17 };
    expect(pastOf(withPast(encode(message('orders')), past))).toEqual(past);
  });

  it('lose old stacks first, and keep their number, so that a message is given up in time', () => {
    const failures = Array.from({ length: 40 }, (_, at) => failureOf(at, 2_000));
    const kept = pastOf(withPast(encode(message('orders')), { receives: 40, failures })).failures;
    expect(kept).toHaveLength(40);
    expect(kept.at(-1)).toEqual(failures.at(-1));
    expect(kept[0]).toEqual({ at: 0, worker: 'w', error: 'broken 0' });
  });

  it('never outgrow what is kept free for them, however long and odd their texts', () => {
    const any = fc.array(
      fc.record({
        at: fc.nat(),
        worker: fc.string({ unit: 'binary', maxLength: 100 }),
        error: fc.string({ unit: 'binary', minLength: 100, maxLength: 5_000 }),
        stack: fc.string({ maxLength: 5_000 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(any, (failures) => {
        const own = encode(message('orders'));
        const grown = bytesOf(withPast(own, { receives: 1, failures })) - bytesOf(own);
        expect(grown).toBeLessThanOrEqual(pastBytes);
      }),
      { numRuns: 50 },
    );
  });
});

function failureOf(at: number, stackLength: number): Failure {
  return { at, worker: 'w', error: `broken ${at}`, stack: 's'.repeat(stackLength) };
}
