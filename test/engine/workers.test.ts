/** The roster of workers: many that come at once, one that was silent for long, a write unheard of. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cells } from '../../src/engine/control/cells.js';
import { startHeartbeat } from '../../src/engine/control/heartbeat.js';
import { type Pulse, RosterPlace, readWorkers } from '../../src/engine/control/workers.js';
import { OncectlError } from '../../src/engine/errors.js';
import { HistogramOfInterval } from '../../src/load/histograms.js';
import { World } from './world.js';

const hourMs = 3600 * 1000;

let world: World;
let cells: Cells;
beforeEach(async () => {
  world = await World.open();
  cells = new Cells(world.ports.business);
});
afterEach(() => world.close());

function pulse(name: string, at = Date.now()): Pulse {
  return { name, host: 'here', pid: 1, since: at, at, endpoints: {} };
}

const names = async () => (await readWorkers(cells)).map(({ name }) => name).sort();
const cellsUsed = async () => Object.keys((await cells.read<object>('workers')).value ?? {});

it('many that come at once each get a place, and keep it while they beat', async () => {
  const all = Array.from({ length: 12 }, (_, at) => `worker-${String(at).padStart(2, '0')}`);
  const places = all.map((name) => ({ name, place: new RosterPlace(cells, name) }));
  for (let beat = 0; beat < 3; beat++) {
    await Promise.all(places.map(({ name, place }) => place.beat(pulse(name))));
    expect(await names()).toEqual(all);
  }
  for (const { place } of places.slice(1)) await place.leave();
  expect(await names()).toEqual(['worker-00']);
  await new RosterPlace(cells, 'late').beat(pulse('late'));
  expect(await names()).toEqual(['late', 'worker-00']);
  expect(await cellsUsed()).toEqual(['0', '1']);
});

it('who was silent for an hour is forgotten when another comes, and finds a place again', async () => {
  const silent = new RosterPlace(cells, 'silent');
  const quiet = new RosterPlace(cells, 'quiet');
  await silent.beat(pulse('silent', Date.now() - hourMs - 1000));
  await quiet.beat(pulse('quiet', Date.now() - hourMs + 10_000));
  await new RosterPlace(cells, 'new').beat(pulse('new'));
  expect(await names()).toEqual(['new', 'quiet']);
  expect(await cellsUsed()).toEqual(['0', '1']);
  await silent.beat(pulse('silent'));
  expect(await names()).toEqual(['new', 'quiet', 'silent']);
});

it('a beat whose outcome was never heard does not cost its worker the place', async () => {
  const { business } = world.ports;
  let loses = false;
  const unheard = new Cells({
    load: (...args) => business.load(...args),
    commit: async (...args) => {
      const version = await business.commit(...args);
      if (loses) throw new OncectlError('timeout', 'no answer', { happened: 'unknown' });
      return version;
    },
  });
  const place = new RosterPlace(unheard, 'one');
  await place.beat(pulse('one', 1));
  loses = true;
  await expect(place.beat(pulse('one', 2))).rejects.toMatchObject({ kind: 'timeout' });
  loses = false;
  await place.beat(pulse('one', 3));
  expect((await readWorkers(cells)).map(({ at }) => at)).toEqual([3]);
  expect(await cellsUsed()).toEqual(['0']);
});

it('a heartbeat that cannot be written is left out, and is taken off all the same', async () => {
  let isDown = true;
  const { business } = world.ports;
  const flaky = new Cells({
    load: (...args) => business.load(...args),
    commit: (...args) =>
      isDown ? Promise.reject(new OncectlError('unreachable', 'down')) : business.commit(...args),
  });
  const options = { worker: 'one', endpoints: ['orders'] };
  const newLatency = () => new HistogramOfInterval();
  const heartbeat = startHeartbeat({ cells: flaky, ...options, newLatency });
  await heartbeat.stop();
  isDown = false;
  expect(await names()).toEqual([]);
  const other = startHeartbeat({ cells: flaky, ...options, newLatency });
  await expect.poll(names).toEqual(['one']);
  await other.stop();
  expect(await names()).toEqual([]);
});
