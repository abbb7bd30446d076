/** From any step at which a message stands a schedule leads there and on, and it holds. */
import { describe, expect, it } from 'vitest';
import { OncectlError } from '../../src/engine/errors.js';
import type { ProtocolName } from '../../src/engine/protocols/names.js';
import { protocolSteps, type StepName } from '../../src/engine/protocols/steps.js';
import { World } from '../../src/verify/moves.js';
import { readTrace } from '../../src/verify/read-trace.js';
import { replaySteps } from '../../src/verify/replay.js';
import { type Standing, scheduleTo } from '../../src/verify/schedule-to.js';
import { scenarioFor, type TraceFile } from '../../src/verify/trace-file.js';
import { type View, viewOf } from '../../src/verify/view.js';
import { leavesEntry } from '../operate/stopped.js';

const protocols: readonly ProtocolName[] = [
  ...(['local-transaction', 'outbox', 'dedupe-store'] as const),
  ...(['token', 'register-commit-publish'] as const),
];

const plain = { receives: 1, registered: 0, hasCopy: true, isRepaired: false };

/** Each step but the last: behind the last one nothing is left to come again. */
const places = protocols.flatMap((protocol) =>
  [null, ...protocolSteps[protocol].slice(0, -1)].map(
    (doneUpTo): [ProtocolName, StepName | null] => [protocol, doneUpTo],
  ),
);

function isPending([protocol, doneUpTo]: (typeof places)[number]): boolean {
  return doneUpTo !== null && leavesEntry(protocol, `after ${doneUpTo}`);
}

const pending = places.filter(isPending);

/** The file as somebody reads it back, and what its steps come to. */
function replayed(standing: Standing) {
  const file = readTrace(JSON.stringify(scheduleTo(standing, 'a message')), 'trace.json');
  return { file, ...replaySteps(file) };
}

/** What the stores hold where the last worker crashed, and at the end. */
function viewsOf(file: TraceFile): { readonly stopped: View; readonly ended: View } {
  const world = new World(scenarioFor(file), true, true);
  const crash = file.steps.findLastIndex(({ what }) => what === 'crashes');
  let row = world.start();
  let stopped = row;
  for (const [at, step] of file.steps.entries()) {
    world.moves(row.slice(), (next, move) => {
      if (JSON.stringify(move) === JSON.stringify(step)) row = next.slice();
    });
    if (at === crash) stopped = row;
  }
  return { stopped: viewOf(world, stopped), ended: viewOf(world, row) };
}

describe('a message that comes again', () => {
  it.each(places)('%s, done up to %s: the schedule holds', (protocol, doneUpTo) => {
    const { file, found, taken } = replayed({ ...plain, protocol, doneUpTo });
    expect([found, taken]).toEqual([null, file.steps.length]);
    expect(file).toMatchObject({ invariant: null, protocol });
    const crash = file.steps.findIndex(({ what }) => what === 'crashes');
    const before = file.steps.slice(1, crash).map(({ what }) => what);
    const ladder = protocolSteps[protocol];
    const done = ladder.slice(0, doneUpTo === null ? 0 : ladder.indexOf(doneUpTo) + 1);
    expect(before).toEqual(done.filter((step) => step !== 'handle'));
    expect(file.steps[crash + 1]).toMatchObject({ worker: 2, what: 'receives A' });
  });

  it.each(places)('%s, done up to %s: the stores stand there', (protocol, doneUpTo) => {
    const { stopped, ended } = viewsOf(scheduleTo({ ...plain, protocol, doneUpTo }, ''));
    expect(stopped['queue']).toBe('A');
    const left = /entry A (committed|checked)|slot taken by A/.test(stopped['orders/k'] ?? '');
    expect(left).toBe(isPending([protocol, doneUpTo]));
    expect(ended['queue']).toBe('empty');
    expect(ended['orders/k']).toContain('"A" at version');
    expect(ended['orders/k']).not.toMatch(/committed|checked|slot/);
  });
});

describe('a message that nothing moves on but a repair', () => {
  it('is one of these', () => expect(pending.length).toBeGreaterThan(10));

  it.each(pending)('%s, done up to %s: a repair ends it', (protocol, doneUpTo) => {
    const standing = { ...plain, protocol, doneUpTo, hasCopy: false, isRepaired: true };
    const { file, found, taken } = replayed(standing);
    expect([found, taken]).toEqual([null, file.steps.length]);
    const crash = file.steps.findIndex(({ what }) => what === 'crashes');
    expect(file.steps.slice(crash + 1, crash + 3).map(({ what }) => what)).toEqual([
      'the message A expires',
      'begins on A at orders',
    ]);
    expect(viewsOf(file).ended['orders/k']).not.toMatch(/committed|checked|slot/);
    expect(file.steps.filter(({ what }) => what === 'receives A')).toHaveLength(1);
  });

  it.each(pending)('%s, done up to %s: without it, it is left behind', (protocol, doneUpTo) => {
    const standing = { ...plain, protocol, doneUpTo, hasCopy: false, isRepaired: true };
    const file = scheduleTo(standing, '');
    const begins = file.steps.findIndex(({ what }) => what.startsWith('begins'));
    const left = file.steps.slice(0, begins);
    // What was sent before the crash still arrives: only then everything is at rest.
    const arriving = file.steps.filter(({ what }) => what.startsWith('the receiver takes'));
    const found = [left, [...left, ...arriving]].map(
      (steps) => replaySteps({ ...file, steps }).found?.invariant,
    );
    expect(found.find((one) => one !== undefined)).toMatch(/I1|I6/);
  });

  it.each(pending)('%s, done up to %s: a dead letter is retried then', (protocol, doneUpTo) => {
    const { file, found, taken } = replayed({ ...plain, protocol, doneUpTo, isRepaired: true });
    expect([found, taken]).toEqual([null, file.steps.length]);
    const began = file.steps.findIndex(({ what }) => what.startsWith('begins'));
    const retried = file.steps.findIndex(({ worker }) => worker === 2);
    expect(began).toBeGreaterThan(0);
    expect(retried).toBeGreaterThan(began);
    const again = file.steps.slice(retried).map(({ what }) => what);
    expect(again).not.toContain('dispatch');
  });
});

describe('what was received more than once', () => {
  it('crashed each time, before its first step unless the registry says more', () => {
    const standing = { ...plain, protocol: 'register-commit-publish', receives: 4 } as const;
    const { file, found, taken } = replayed({
      ...{ ...standing, registered: 2, doneUpTo: 'commit-slot' },
    });
    expect([found, taken]).toEqual([null, file.steps.length]);
    const whats = file.steps.map(({ what }) => what);
    const attempts = whats.join(' ').split('receives A').slice(1);
    expect(attempts.map((one) => one.trim().split(' ').at(0))).toEqual([
      ...['crashes', 'load', 'load', 'load', 'load'],
    ]);
    expect(whats.filter((what) => what === 'register')).toHaveLength(3);
    expect(whats).toContain('delete-losers');
  });

  it('is told up to a bound', () => {
    const standing = { ...plain, protocol: 'outbox', doneUpTo: 'commit', receives: 500 } as const;
    const { file, found, taken } = replayed(standing);
    expect([found, taken]).toEqual([null, file.steps.length]);
    expect(file.steps.length).toBeLessThan(50);
  });
});

it('one that was never received has no crash; neither has one that is done', () => {
  for (const protocol of protocols) {
    const waiting = replayed({ ...plain, protocol, receives: 0, doneUpTo: null });
    const doneUpTo = protocolSteps[protocol].at(-1) as StepName;
    const handled = replayed({ ...plain, protocol, doneUpTo, hasCopy: false });
    expect(waiting.found).toBeNull();
    expect(waiting.file.steps).toEqual(handled.file.steps);
    expect(handled.file.steps.map(({ what }) => what)).not.toContain('crashes');
  }
});

it('refuses what no schedule leads to', () => {
  const lost = { ...plain, protocol: 'token', doneUpTo: 'put-payloads' } as const;
  const notYet = { ...lost, doneUpTo: 'load', hasCopy: false, isRepaired: true } as const;
  expect(() => scheduleTo(notYet, '')).toThrow(OncectlError);
  expect(() => scheduleTo(notYet, '')).toThrow('"begins on A at orders" cannot happen there');
  const many = { ...plain, protocol: 'register-commit-publish', registered: 20 } as const;
  expect(() => scheduleTo({ ...many, doneUpTo: 'commit-slot' }, '')).toThrow('20 attempts');
});

describe('where the protocol went wrong since', () => {
  const stopped = (protocol: ProtocolName, doneUpTo: StepName) =>
    scheduleTo({ ...plain, protocol, doneUpTo }, '');

  it('the schedule shows what it violates', () => {
    const file = stopped('token', 'put-payloads');
    const { found } = replaySteps({ ...file, mutant: 'shared-payload' });
    expect(found).toMatchObject({ invariant: 'I1' });
  });

  it('or can no longer be followed, and shows nothing', () => {
    const file = stopped('outbox', 'commit');
    const { found, taken } = replaySteps({ ...file, mutant: 'mark-before-dispatch' });
    expect(found).toBeNull();
    expect(taken).toBeLessThan(file.steps.length);
  });
});
