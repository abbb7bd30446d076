import { expect, test } from 'vitest';
import { badProfiles } from './bad-profiles.js';
import { refusalOf } from './folder.js';

test.each(badProfiles)('refuses $title, and says where', async (bad) => {
  const error = await refusalOf(bad.yaml, { set: bad.set ?? [] });
  const [problem] = error.problems;
  const place =
    bad.set === undefined
      ? bad.at === null
        ? 'my.yaml'
        : `my.yaml:${bad.at}`
      : `--set ${bad.set}`;
  expect(error.kind).toBe('profile');
  expect(problem?.message).toContain(bad.says);
  expect({ at: problem?.at, key: problem?.key }).toEqual({ at: place, key: bad.key });
  expect(error.message).toContain(place);
  expect(error.problems.map(({ message }) => message)).toHaveLength(1);
});

test('lists several problems at once, in the order of the file', async () => {
  const text =
    'deployment: { protocol: outbx, endpoints: { chain: 3 } }\nload: { raet: 1/s }\nsed: 1\n';
  const { problems, message } = await refusalOf(text, { set: ['workers=-1'] });
  expect(problems.map(({ key }) => key)).toEqual([
    'deployment.protocol',
    'load.raet',
    'sed',
    'workers',
  ]);
  expect(message.split('\n')).toHaveLength(5);
});
