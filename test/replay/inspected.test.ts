/** What was found of a message, as the schedule that leads there; or why there is none. */
import { describe, expect, it } from 'vitest';
import { OncectlError } from '../../src/engine/errors.js';
import type { Message } from '../../src/engine/message.js';
import type { Entry, Registration, Slot } from '../../src/engine/ports.js';
import { bridge, type Protocol, protocols } from '../../src/engine/protocols/index.js';
import type { QueuedCopy } from '../../src/engine/upkeep.js';
import type { MessageFacts } from '../../src/operate/inspect/facts.js';
import type { Inspected } from '../../src/operate/inspect/inspect.js';
import { ladderOf } from '../../src/operate/inspect/ladder.js';
import { whatNext } from '../../src/operate/inspect/next.js';
import type { OperatedEndpoint } from '../../src/operate/operation.js';
import { traceOfInspected } from '../../src/replay/inspected.js';
import { replaySteps } from '../../src/verify/replay.js';

const message: Message = {
  ...{ id: 'm-1', endpoint: 'orders', type: 'M', key: 'k' },
  ...{ headers: {}, body: new Uint8Array(0) },
};

function copy(state: QueuedCopy['state'], receives: number): QueuedCopy {
  return { message, state, receives, at: 0, holder: null, failures: [], receipt: '' };
}

const written = { messageId: 'm-1', transaction: 't', messages: [], worker: 'w', committedAt: 1 };

function entry(step: Entry['step']): Entry {
  return { ...written, key: 'k', step };
}

const slot: Slot = { ...written, payloads: {}, token: 'p' };

function attempt(name: string): Registration {
  return { attempt: name, messageId: 'm-1', payloads: [], worker: 'w', at: 0 };
}

function inspected(protocol: Protocol | null, found: Partial<MessageFacts>): Inspected {
  const bridged = protocol?.name === 'bridge' ? { bridge: { by: 'id' } } : {};
  const profile = { protocol: protocol?.name, ...bridged };
  const operated = protocol && ({ name: 'orders', protocol, profile } as OperatedEndpoint);
  const facts: MessageFacts = {
    ...{ messageId: 'm-1', endpoint: 'orders', operated, message, key: 'k', copies: [] },
    ...{ entry: null, slot: null, registrations: [], record: null, payload: null, entity: null },
    ...{ causedBy: null, caused: [], coverage: [], at: 0 },
    ...found,
  };
  const ladder = ladderOf(facts);
  return { deployment: 'shop', facts, ladder, next: whatNext(facts, ladder, String) };
}

/** Its moves up to the last crash, and those behind it. */
function led(protocol: Protocol, found: Partial<MessageFacts>) {
  const file = traceOfInspected(inspected(protocol, found));
  const { found: violation, taken } = replaySteps(file);
  expect([violation, taken]).toEqual([null, file.steps.length]);
  const whats = file.steps.map(({ what }) => what);
  const crash = whats.lastIndexOf('crashes');
  return { text: file.text, before: whats.slice(0, crash), after: whats.slice(crash + 1) };
}

describe('a message that was found', () => {
  it('with its entry, in flight', () => {
    const found = { entry: entry('checked'), copies: [copy('in-flight', 2)] };
    const { text, before, after } = led(protocols.token, found);
    expect(text).toContain('m-1 at orders stopped at step 7 (dispatch), received 2 times; when it');
    expect(before.slice(0, 3)).toEqual(['receives A', 'crashes', 'receives A']);
    expect(before.at(-1)).toBe('mark-checked');
    expect(after).toContain('dispatch');
    expect(after).not.toContain('put-payloads');
  });

  it('with its record and its entry', () => {
    const record = { by: 'w', at: 1, expires: 2 };
    const found = { entry: entry('committed'), record, copies: [copy('visible', 1)] };
    const { before, after } = led(protocols['dedupe-store'], found);
    expect(before.at(-1)).toBe('add-record');
    expect(after).not.toContain('dispatch');
  });

  it('with its entry alone', () => {
    const { text, before, after } = led(protocols.outbox, { entry: entry('committed') });
    expect(text).toContain('stopped at step 4 (dispatch); no copy of it was left, a repair');
    expect(before).toEqual(['receives A', 'load', 'commit']);
    const repairing = ['the message A expires', 'begins on A at orders', 'load', 'dispatch'];
    expect(after).toEqual([...repairing, 'mark-dispatched']);
  });

  it('with its entry, as a dead letter', () => {
    const found = { entry: entry('committed'), copies: [copy('dead', 3)] };
    const { text, after } = led(protocols.outbox, found);
    expect(text).toContain('its dead letter does not come by itself, a repair brings it');
    expect(after[0]).toBe('begins on A at orders');
    expect(after.slice(-3)).toEqual(['receives A', 'load', 'ack']);
  });

  it('with attempts that registered, and one that took the slot', () => {
    const registrations = [attempt('t0'), attempt('t')];
    const copies = [copy('visible', 3)];
    const rcp = protocols['register-commit-publish'];
    const taken = led(rcp, { slot, registrations, copies });
    expect(taken.before.filter((what) => what === 'register')).toHaveLength(2);
    expect(taken.before.at(-1)).toBe('commit-slot');
    const colliding = led(rcp, { registrations, copies });
    expect(colliding.before.filter((what) => what === 'register')).toHaveLength(2);
    expect(colliding.before.at(-1)).toBe('register');
  });

  it('handled, with or without a copy that is late', () => {
    const done = led(protocols.outbox, { entry: entry('dispatched') });
    expect(done.text).toBe('m-1 at orders was handled');
    expect(done.after).not.toContain('crashes');
    const late = led(protocols.outbox, { entry: entry('dispatched'), copies: [copy('dead', 1)] });
    expect(late.before.at(-1)).toBe('mark-dispatched');
    expect(late.after).toEqual(['receives A', 'load', 'ack']);
  });
});

describe('refuses', () => {
  const queued = { copies: [copy('visible', 0)] };
  const unsearched = { endpoint: 'orders', store: 'broker', searched: false, why: '' } as const;
  it.each<readonly [string, Protocol | null, Partial<MessageFacts>]>([
    ['it is for the sink', null, queued],
    ['a trace has no bridges', bridge('id'), queued],
    ['none promises nothing', protocols.none, queued],
    ['not known', protocols.outbox, { entry: entry('committed'), coverage: [unsearched] }],
    [
      'it is lost',
      protocols['register-commit-publish'],
      { registrations: [attempt('t')], payload: { id: 'p', present: true } },
    ],
  ])('%s', (said, protocol, found) => {
    const ask = () => traceOfInspected(inspected(protocol, found));
    expect(ask).toThrow(OncectlError);
    expect(ask).toThrow(said);
  });
});
