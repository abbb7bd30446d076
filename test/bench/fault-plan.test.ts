import { describe, expect, it } from 'vitest';
import { planStrikes } from '../../src/bench/fault-plan.js';
import { protocolNames } from '../../src/engine/protocols/names.js';
import { boundaries } from '../../src/engine/protocols/steps.js';
import { loadProfile } from '../../src/profile/load.js';
import type { FaultProfile, Profile } from '../../src/profile/types.js';
import { BenchFolder } from './bench-cli.js';
import { tinyProfile } from './tiny-profile.js';

async function profileWith(
  faults: readonly Partial<Record<keyof FaultProfile | 'at' | 'every' | 'until' | 'for', string>>[],
  deployment: Readonly<Record<string, unknown>> = {},
): Promise<Profile> {
  const folder = await BenchFolder.create();
  try {
    const changes = { deployment, load: { warmup: '0s', duration: '20s' } };
    const file = await folder.write('p.yaml', { ...tinyProfile(changes), faults });
    return (await loadProfile(file, { set: [] })).profile;
  } finally {
    await folder.remove();
  }
}

describe('kills without a step', () => {
  it.each(protocolNames)(
    'take every boundary of %s in turn, then begin again',
    async (protocol) => {
      const deployment = { protocol, control: true };
      const profile = await profileWith([{ kind: 'kill', at: '1s', every: '500ms' }], deployment);
      const places = boundaries(protocol);
      const steps = planStrikes(profile).map(({ strike }) => strike.step);
      expect(steps).toHaveLength(38);
      for (const [index, step] of steps.entries()) expect(step).toBe(places[index % places.length]);
    },
  );
});

it('orders strikes of several faults by their times, each with an id of its own', async () => {
  const profile = await profileWith([
    { kind: 'stall', at: '3s', for: '4s' },
    { kind: 'kill', at: '1s', every: '5s', step: 'after commit' },
    { kind: 'partition', at: '2s', for: '1s', store: 'dedupe' },
  ]);
  const strikes = planStrikes(profile);
  expect(strikes.map(({ atMs }) => atMs)).toEqual([1000, 2000, 3000, 6000, 11_000, 16_000]);
  expect(strikes.map(({ strike }) => strike.id)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(strikes[1]?.strike).toMatchObject({ kind: 'partition', store: 'dedupe', forMs: 1000 });
  expect(strikes[2]?.strike).toMatchObject({ kind: 'stall', forMs: 4000 });
});

it('ends with the load, and earlier when it is told so', async () => {
  const endless = await profileWith([{ kind: 'kill', at: '0s', every: '1s' }]);
  expect(planStrikes(endless).at(-1)?.atMs).toBe(19_000);
  const cut = await profileWith([{ kind: 'kill', at: '0s', every: '1s', until: '5s' }]);
  expect(planStrikes(cut).at(-1)?.atMs).toBe(4000);
});

it('strikes once without a period, and leaves faults of single messages to the workers', async () => {
  const profile = await profileWith([
    { kind: 'kill', at: '2s' },
    { kind: 'duplicate', share: '5 %' },
  ]);
  expect(planStrikes(profile).map(({ strike }) => strike.kind)).toEqual(['kill']);
});
