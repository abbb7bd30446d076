import { describe, expect, test } from 'vitest';
import { Meter, metered } from '../../src/engine/meter.js';
import type { Ports } from '../../src/engine/ports.js';
import { matchMetric, metrics } from '../../src/profile/metrics.js';
import { evaluateThresholds, parseThreshold } from '../../src/profile/thresholds.js';
import type { Threshold } from '../../src/profile/types.js';
import { sampleResult } from './sample-result.js';

const names = { stages: ['warm-up', 'steady', 'late'], endpoints: ['endpoint-01', 'a.b'] };

function parsed(text: string): Threshold {
  const outcome = parseThreshold(text, names);
  if ('threshold' in outcome) return outcome.threshold;
  throw new Error(outcome.refusal);
}

function refused(text: string): string {
  const outcome = parseThreshold(text, names);
  return 'refusal' in outcome ? outcome.refusal : 'accepted';
}

describe('reading', () => {
  test.each([
    ['stages.steady.latency.hop.p99 < 20ms', 'stages.steady.latency.hop.p99', 20_000],
    ['hop.p99<20ms', 'stages.@measured.latency.hop.p99', 20_000],
    ['latency.chain.max <= 1.5s', 'stages.@measured.latency.chain.max', 1_500_000],
    ['handledPerSecond > 745', 'stages.@measured.handledPerSecond', 745],
    ['sentPerSecond >= 2970/min', 'stages.@measured.sentPerSecond', 49.5],
    ['resources.workers.perHandledMessageMs <= 0.8', 'resources.workers.perHandledMessageMs', 0.8],
    ['resources.workers.peakRssBytes < 512MiB', 'resources.workers.peakRssBytes', 2 ** 29],
    ['generator.lagP99Us < 10ms', 'generator.lagP99Us', 10_000],
    [
      'operations.perHandledMessage.broker.send < 1.1',
      'operations.perHandledMessage.broker.send',
      1.1,
    ],
    ['stages.late.endpoints.a.b.hop.p99 < 1s', 'stages.late.endpoints.a.b.hop.p99', 1_000_000],
    ['backlog.flat == true', 'stages.@measured.backlog.flat', 1],
  ])('%s', (text, metric, value) => expect(parsed(text)).toMatchObject({ text, metric, value }));

  test.each([
    ['hop.p9 < 20ms', 'did you mean "hop.p90"?'],
    ['stages.steady.latency.hops.p99 < 20ms', 'did you mean "stages.steady.latency.hop.p99"?'],
    ['correctness.lost = 0', 'expected a metric'],
    ['correctness.lost == none', 'expected a number'],
    ['correctness.clean == 1', 'expected true or false'],
    ['__proto__.x < 1', 'result.json has no number'],
    ['stages.steady < 1', 'result.json has no number'],
  ])('%s is refused', (text, reason) => expect(refused(text)).toContain(reason));
});

describe('judging', () => {
  const judge = async (text: string) => evaluateThresholds([parsed(text)], await sampleResult())[0];

  test.each([
    ['stages.steady.latency.hop.p99 < 20ms', true, 9000],
    ['stages.steady.latency.hop.p99 < 9ms', false, 9000],
    ['stages.steady.latency.hop.p99 <= 9ms', true, 9000],
    ['correctness.lost == 0', true, 0],
    ['correctness.redelivered == 0', false, 4],
    ['resources.workers.perHandledMessageMs >= 0.8', false, 0.7],
    ['operations.counts.broker.send > 44999', true, 45_000],
    ['stages.late.endpoints.endpoint-01.handled > 2999', true, 3000],
    ['operations.counts.payload.put == 0', true, 0],
    ['drained == true', true, 1],
    ['faultCounts.duplicate > 2', true, 3],
    ['faultCounts.drop-ack == 0', true, 0],
    ['generator.valid == true', true, 1],
  ])('%s: %s', async (text, holds, actual) =>
    expect(await judge(text)).toMatchObject({ text, holds, actual }),
  );

  test('a short form takes the worst measured stage, and no warm-up', async () => {
    expect(await judge('hop.p99 < 12ms')).toMatchObject({ holds: false, actual: 15_000 });
    expect(await judge('hop.p99 > 12ms')).toMatchObject({ holds: false, actual: 9000 });
    expect(await judge('hop.p99 < 16ms')).toMatchObject({ holds: true, actual: 15_000 });
  });

  test.each([null, undefined, {}, 'text', { stages: [] }, { stages: [{ measured: true }] }])(
    'a number that is not there does not hold: %j',
    (result) => {
      const thresholds = [parsed('hop.p99 < 1h'), parsed('correctness.lost == 0')];
      const judged = evaluateThresholds(thresholds, result);
      expect(judged).toMatchObject([
        { holds: false, actual: null },
        { holds: false, actual: null },
      ]);
    },
  );
});

/** Every number and truth value of a document, as dotted names; list items by their name. */
function numbersIn(value: unknown, path: string): string[] {
  if (typeof value === 'number' || typeof value === 'boolean') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = Array.isArray(value) ? String((inner as { name?: unknown }).name) : key;
    return numbersIn(inner, path === '' ? name : `${path}.${name}`);
  });
}

describe('the table of metrics', () => {
  test('names the operations that the meter counts', () => {
    const meter = new Meter();
    metered({ broker: {}, business: {}, dedupe: {}, payload: {}, island: {} } as Ports, meter);
    const operations = metrics
      .filter(({ path }) => path[1] === 'counts')
      .map(({ path }) => path[2]);
    expect(operations.sort()).toEqual(Object.keys(meter.counts).sort());
  });

  test('knows every number of a result, apart from the profile inside it', async () => {
    const { profile, ...rest } = await sampleResult();
    expect(profile.name).toBe('classic');
    const unknown = numbersIn(rest, '').filter((name) => matchMetric(name) === null);
    expect(unknown).toEqual([]);
  });

  test('knows no number that a result has not, apart from what was not called or did not strike', async () => {
    const present = new Set(
      numbersIn(await sampleResult(), '').map((name) => matchMetric(name)?.metric),
    );
    const absent = metrics.filter((metric) => !present.has(metric));
    expect(
      absent.filter(({ path }) => !['operations', 'faultCounts'].includes(path[0] ?? '')),
    ).toEqual([]);
  });
});
