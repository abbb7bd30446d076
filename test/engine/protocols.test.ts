/** Every protocol's program, step by step, against section 3 of the design. */
import { describe, expect, it } from 'vitest';
import type { EffectKind } from '../../src/engine/effects.js';
import { bridge } from '../../src/engine/protocols/index.js';
import { protocolNames } from '../../src/engine/protocols/names.js';
import { boundaries, bridgeSteps, protocolSteps } from '../../src/engine/protocols/steps.js';
import { bytes, message } from '../conformance/fixtures.js';
import {
  drive,
  driveProtocol,
  entityWith,
  entryAt,
  incomingFor,
  inTurn,
  only,
  outcome,
  outgoing,
  payloadId,
  payloadsOf,
  slotOf,
} from './drive.js';

/** What changes a store that others read: none of these may follow where only cleaning is due. */
const changing: readonly EffectKind[] = [
  'handle',
  'save',
  'transact',
  'commit',
  'register',
  'commit-slot',
  'put-payloads',
  'mark-checked',
  'dispatch',
  'add-record',
];

function expectNothingApplied(kinds: readonly EffectKind[]): void {
  expect(kinds.filter((kind) => changing.includes(kind))).toEqual([]);
}

describe.each(protocolNames)('%s', (name) => {
  it('takes the listed steps when all goes well', () => {
    expect(drive(name, incomingFor(name)).kinds).toEqual(protocolSteps[name]);
  });

  it('handles on the state that it loaded first, and dispatches what the handler sent', () => {
    const entity = entityWith({ state: bytes('{"sum":1}') });
    const driven = drive(name, incomingFor(name), { load: entity });
    expect(only(driven, 'handle').entity).toBe(entity);
    const sending = driven.effects.find(({ kind }) => kind === 'dispatch' || kind === 'transact');
    if (sending?.kind === 'dispatch') expect(sending.messages).toEqual(outgoing);
    else if (sending?.kind === 'transact') expect(sending.outcome).toBe(outcome);
    else expect.unreachable('nothing was sent');
  });

  it('names the boundary after each step but the last', () => {
    const steps = protocolSteps[name];
    expect(boundaries(name)).toHaveLength(steps.length - 1);
    expect(boundaries(name)[0]).toBe(`after ${steps[0]}`);
    expect(boundaries(name)).not.toContain(`after ${steps.at(-1)}`);
  });
});

describe.each(['id', 'token', 'transaction'] as const)('a bridge to consumers by %s', (to) => {
  const incoming = message('bridge');

  it('takes the listed steps when all goes well', () => {
    expect(driveProtocol(bridge(to), incoming).kinds).toEqual(bridgeSteps[to]);
  });

  it('handles no message twice, and keeps the entry that recognises it', () => {
    const load = entityWith({ entry: entryAt('dispatched', incoming) });
    expect(driveProtocol(bridge(to), incoming, { load }).kinds).toEqual(['load', 'ack']);
  });

  it('deletes a body that came by way of a payload store right before the ack, and no sooner', () => {
    const fromTokens = incomingFor('token');
    const { kinds } = driveProtocol(bridge(to), fromTokens);
    expect(kinds).toEqual([...bridgeSteps[to].slice(0, -1), 'delete-payload', 'ack']);
  });
});

describe('outbox', () => {
  const incoming = incomingFor('outbox');

  it('only acknowledges a message whose entry is dispatched', () => {
    const load = entityWith({ entry: entryAt('dispatched', incoming) });
    expect(drive('outbox', incoming, { load }).kinds).toEqual(['load', 'ack']);
  });

  it('goes on from an entry that is there: no handler, the stored messages', () => {
    const load = entityWith({ entry: entryAt('committed', incoming) });
    const driven = drive('outbox', incoming, { load });
    expect(driven.kinds).toEqual(['load', 'dispatch', 'mark-dispatched', 'ack']);
    expect(only(driven, 'dispatch').messages).toEqual(outgoing);
  });

  it('dispatches from the entry that the commit returned', () => {
    const stored = { ...entryAt('committed', incoming), messages: [message('elsewhere')] };
    const driven = drive('outbox', incoming, { commit: stored });
    expect(only(driven, 'dispatch').messages).toEqual(stored.messages);
  });
});

describe('dedupe-store', () => {
  const incoming = incomingFor('dedupe-store');

  it('checks for the record after the load that the commit is conditional on', () => {
    const driven = drive('dedupe-store', incoming);
    const commit = only(driven, 'commit');
    expect(commit.entity).toEqual(entityWith());
    const { kinds } = driven;
    expect(kinds.filter((kind) => kind === 'load')).toHaveLength(1);
    expect(kinds.indexOf('has-record')).toBeGreaterThan(kinds.indexOf('load'));
  });

  it.each([null, entryAt('committed', incoming)])(
    'removes the entry of a duplicate by its key, seen or not (%#)',
    (entry) => {
      const driven = drive('dedupe-store', incoming, {
        load: entityWith({ entry }),
        'has-record': true,
      });
      expect(driven.kinds).toEqual(['load', 'has-record', 'remove-entry', 'ack']);
      expect(only(driven, 'remove-entry').from).toBe('any');
      expectNothingApplied(driven.kinds);
    },
  );

  it('goes on from an entry that is there', () => {
    const load = entityWith({ entry: entryAt('committed', incoming) });
    const driven = drive('dedupe-store', incoming, { load });
    expect(driven.kinds).toEqual([
      'load',
      'has-record',
      'dispatch',
      'add-record',
      'remove-entry',
      'ack',
    ]);
    expect(only(driven, 'dispatch').messages).toEqual(outgoing);
  });
});

describe('token', () => {
  const incoming = incomingFor('token');

  it('puts payloads for what it committed, and dispatches only what the checked entry names', () => {
    const driven = drive('token', incoming);
    expect(only(driven, 'put-payloads').messages).toEqual(outgoing);
    expect(only(driven, 'put-payloads').payloads).toBeNull();
    expect(only(driven, 'mark-checked').payloads).toEqual(payloadsOf(outgoing));
    expect(only(driven, 'dispatch').payloads).toEqual(payloadsOf(outgoing));
  });

  it.each([null, entryAt('checked', incoming)])(
    'takes an absent payload for consumed unless the entry is unchecked (%#)',
    (entry) => {
      const driven = drive('token', incoming, {
        load: entityWith({ entry }),
        'get-payload': null,
      });
      expect(driven.kinds).toEqual(['load', 'get-payload', 'remove-entry', 'ack']);
      expect(only(driven, 'remove-entry').from).toBe('checked');
      expectNothingApplied(driven.kinds);
    },
  );

  it('reports a payload that was lost before the entry was checked, and goes on from the entry', () => {
    const load = entityWith({ entry: entryAt('committed', incoming) });
    const driven = drive('token', incoming, { load, 'get-payload': null });
    expect(driven.kinds).toEqual([
      'load',
      'get-payload',
      'report-lost',
      'put-payloads',
      'mark-checked',
      'dispatch',
      'delete-payload',
      'remove-entry',
      'ack',
    ]);
  });

  it('puts nothing more once the entry is checked, and dispatches what it names', () => {
    const load = entityWith({ entry: entryAt('checked', incoming) });
    const driven = drive('token', incoming, { load });
    expect(driven.kinds).toEqual([
      'load',
      'get-payload',
      'dispatch',
      'delete-payload',
      'remove-entry',
      'ack',
    ]);
    expect(only(driven, 'dispatch').payloads).toEqual(payloadsOf(outgoing));
  });

  it('consumes its own token, and only after the dispatch', () => {
    const driven = drive('token', incoming);
    expect(only(driven, 'delete-payload').id).toBeNull();
    const { kinds } = driven;
    expect(kinds.indexOf('delete-payload')).toBeGreaterThan(kinds.indexOf('dispatch'));
  });
});

describe('register-commit-publish', () => {
  const incoming = incomingFor('register-commit-publish');
  const other = incomingFor('register-commit-publish');
  const publishing: readonly EffectKind[] = [
    'dispatch',
    'delete-losers',
    'delete-payload',
    'clear-slot',
  ];

  it('registers the ids that it then puts, and commits on what it registered', () => {
    const driven = drive('register-commit-publish', incoming);
    expect(only(driven, 'put-payloads').payloads).toEqual(payloadsOf(outgoing));
    expect(only(driven, 'commit-slot').registered.version).toBe(4);
  });

  it('finishes its own slot and is done', () => {
    const load = entityWith({ slot: slotOf(incoming) });
    const driven = drive('register-commit-publish', incoming, { load });
    expect(driven.kinds).toEqual(['load', ...publishing, 'ack']);
  });

  it("finishes another message's slot, consuming that one's token, then starts at step 1", () => {
    const taken = { ...slotOf(other), token: 'token of the other' };
    const driven = drive('register-commit-publish', incoming, {
      load: inTurn(entityWith({ slot: taken }), entityWith({ version: 9 })),
    });
    expect(driven.kinds).toEqual([
      'load',
      ...publishing,
      ...protocolSteps['register-commit-publish'],
    ]);
    const tokens = driven.effects.filter((effect) => effect.kind === 'delete-payload');
    expect(tokens.map((effect) => effect.id)).toEqual(['token of the other', payloadId]);
    expect(only(driven, 'register').entity.version).toBe(9);
  });

  it('acknowledges a consumed message without applying anything', () => {
    const driven = drive('register-commit-publish', incoming, { 'get-payload': null });
    expect(driven.kinds).toEqual(['load', 'get-payload', 'reload', 'ack']);
  });

  it('finishes a slot that was taken between load and the token that is gone', () => {
    const driven = drive('register-commit-publish', incoming, {
      'get-payload': null,
      reload: entityWith({ slot: slotOf(incoming) }),
    });
    expect(driven.kinds).toEqual(['load', 'get-payload', 'reload', ...publishing, 'ack']);
  });

  it('has nothing to consume for a slot without a token', () => {
    const load = entityWith({ slot: { ...slotOf(incoming), token: null } });
    const { kinds } = drive('register-commit-publish', incoming, { load });
    expect(kinds).toEqual(['load', 'dispatch', 'delete-losers', 'clear-slot', 'ack']);
  });
});

describe('local-transaction', () => {
  it('does nothing more when the copy was no longer its own', () => {
    const driven = drive('local-transaction', incomingFor('local-transaction'), {
      transact: 'gone',
    });
    expect(driven.kinds).toEqual(['load', 'handle', 'transact']);
  });
});

describe('a body in a payload store, at a consumer that recognises by id', () => {
  const incoming = incomingFor('token');

  it.each(['outbox', 'dedupe-store'] as const)(
    'is deleted right before the ack by %s when all goes well',
    (name) => {
      expect(drive(name, incoming).kinds.slice(-2)).toEqual(['delete-payload', 'ack']);
    },
  );

  it('is deleted for duplicates too', () => {
    const dispatched = entityWith({ entry: entryAt('dispatched', incoming) });
    expect(drive('outbox', incoming, { load: dispatched }).kinds).toEqual([
      'load',
      'delete-payload',
      'ack',
    ]);
    expect(drive('dedupe-store', incoming, { 'has-record': true }).kinds.slice(-2)).toEqual([
      'delete-payload',
      'ack',
    ]);
  });
});
