import { describe, expect, test } from 'vitest';
import { loadText, refusalOf } from './folder.js';

const withRate = (rate: string) =>
  `deployment: { endpoints: { chain: 2 } }\nload:\n  rate: ${rate}\n  keys: { count: 10 }\n`;

const variable = (inside: string) => `\${${inside}}`;

describe('environment variables', () => {
  test('a set one wins over its default, an empty one does not', async () => {
    const text = withRate(variable('RATE:-50/s'));
    const rate = async (env: Record<string, string>) =>
      (await loadText(text, { env })).profile.load.ratePerSecond;
    expect(await rate({})).toBe(50);
    expect(await rate({ RATE: '80/s' })).toBe(80);
    expect(await rate({ RATE: '' })).toBe(50);
  });

  test('a part of a value can be a variable', async () => {
    const { profile } = await loadText(withRate(`${variable('RATE')}0/s`), { env: { RATE: '7' } });
    expect(profile.load.ratePerSecond).toBe(70);
  });

  test('without quotes it may become a number or a truth; with quotes it stays text', async () => {
    const env = { SEED: '7', NAME: '7' };
    const text = `${withRate('1/s')}seed: \${SEED}\nname: "\${NAME}"\n`;
    const { profile } = await loadText(text, { env });
    expect([profile.seed, profile.name]).toEqual([7, '7']);
  });

  test('what a variable brings in cannot add keys', async () => {
    const error = await refusalOf(withRate(variable('RATE')), { env: { RATE: '1/s\nseed: 3' } });
    expect(error.problems).toMatchObject([{ at: 'my.yaml:3:9', key: 'load.rate' }]);
  });

  test('two dollars stand for one', async () => {
    const { profile } = await loadText(`${withRate('1/s')}description: costs $\${NOTHING} or $5\n`);
    expect(profile.description).toBe(`costs ${variable('NOTHING')} or $5`);
  });

  test('every unset variable is named', async () => {
    const error = await refusalOf(`${withRate(variable('A'))}seed: \${B}\n`);
    expect(error.problems.map(({ at }) => at)).toEqual(['my.yaml:3:9', 'my.yaml:5:7']);
  });
});

describe('--set', () => {
  const text = `${withRate('50/s')}faults: [{ kind: kill }]\n`;

  test('reaches maps, lists by number and by name, and appends', async () => {
    const set = [
      'load.keys.distribution=zipf',
      'faults[0].every=2s',
      'faults[1]={kind: duplicate}',
      'deployment.endpoints=[{name: a.b}, {name: c}]',
      'deployment.endpoints[a.b].concurrency=3',
      'deployment.endpoints.c.protocol=outbox',
    ];
    const { profile } = await loadText(text, { set });
    expect(profile.load.keys).toEqual({ count: 10, distribution: 'zipf', skew: 1 });
    expect(profile.faults).toMatchObject([{ everyMs: 2000 }, { kind: 'duplicate', share: 0.01 }]);
    expect(profile.deployment.endpoints).toMatchObject([
      { name: 'a.b', concurrency: 3 },
      { name: 'c', protocol: 'outbox' },
    ]);
  });

  test('makes the maps on its way', async () => {
    const { profile } = await loadText(text, { set: ['deployment.embedded.gather=0s'] });
    expect(profile.deployment.embedded.gatherMs).toBe(0);
  });

  test('the last of two wins', async () => {
    const { profile } = await loadText(text, { set: ['seed=1', 'seed=2'] });
    expect(profile.seed).toBe(2);
  });

  test('a value may contain an equals sign', async () => {
    const set = ['thresholds=["correctness.lost == 0"]'];
    expect((await loadText(text, { set })).profile.thresholds).toHaveLength(1);
  });

  test('a refused value names its flag, not the line that it replaced', async () => {
    const error = await refusalOf(text, { set: ['load.rate=0/s'] });
    expect(error.message).toBe('--set load.rate=0/s: load.rate: must be more than 0/s, got "0/s"');
  });
});
