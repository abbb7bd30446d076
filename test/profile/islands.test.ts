import { expect, test } from 'vitest';
import { backendText } from '../../src/profile/backends.js';
import { loadProfile } from '../../src/profile/load.js';
import { loadText, refusalOf } from './folder.js';

const load = 'load: { rate: 1/s }\n';

function deployment(lines: readonly string[]): string {
  return `deployment:\n${lines.map((line) => `  ${line}\n`).join('')}${load}`;
}

const bridged = deployment([
  'protocol: outbox',
  'namespace: shop',
  'islands: [{ name: cloud, backend: sqs-s3, dedupe: dynamodb }]',
  'endpoints:',
  '  - { name: orders, sendsTo: to-cloud }',
  '  - { name: to-cloud, bridgeTo: cloud, sendsTo: shipping }',
  '  - { name: shipping, island: cloud, protocol: token, sendsTo: sink }',
]);

test('an island has stores and a name of its own; what it leaves out is the deployment’s', async () => {
  const { profile } = await loadText(bridged, { set: ['deployment.s3.bucket=mine'] });
  const [cloud] = profile.deployment.islands;
  expect(cloud).toMatchObject({
    ...{ name: 'cloud', namespace: 'shop-cloud', s3: { bucket: 'mine' } },
    ...{ broker: 'sqs', business: 's3', dedupe: 'dynamodb', payload: 's3' },
  });
  expect(backendText(profile.deployment)).toBe('embedded => sqs+s3+dynamodb');
});

test('what a bridge does follows from its receivers', async () => {
  const bridgeOf = async (protocol: string, backend = 'embedded') => {
    const set = [
      `deployment.endpoints.shipping.protocol=${protocol}`,
      `deployment.islands.cloud.backend=${backend}`,
      'deployment.islands.cloud.dedupe=embedded',
    ];
    const { profile } = await loadText(bridged, { set });
    return profile.deployment.endpoints[1]?.bridge;
  };
  expect(await bridgeOf('token')).toEqual({ to: 'cloud', by: 'token' });
  expect(await bridgeOf('dedupe-store')).toEqual({ to: 'cloud', by: 'id' });
  expect(await bridgeOf('local-transaction')).toEqual({ to: 'cloud', by: 'transaction' });
});

test('nothing but a bridge leads from one island to another', async () => {
  const direct = bridged.replace('bridgeTo: cloud, ', '');
  const { message } = await refusalOf(direct);
  expect(message).toContain(
    '"to-cloud" (outbox) cannot send to "shipping" (token, island cloud): it takes messages from the queues of another island',
  );
  expect(message).toContain('an endpoint with `bridgeTo`');
});

test('a bridge stands between two protocols of one island, too', async () => {
  const same = deployment([
    'endpoints:',
    '  - { name: a, protocol: outbox, sendsTo: bridge }',
    '  - { name: bridge, bridgeTo: main, sendsTo: b }',
    '  - { name: b, protocol: local-transaction, sendsTo: sink }',
  ]);
  const { profile } = await loadText(same);
  expect(profile.deployment.endpoints[1]?.bridge).toEqual({ to: 'main', by: 'transaction' });
  const without = same.replace('bridgeTo: main, ', '');
  expect((await refusalOf(without)).message).toContain('A bridge between them would do');
});

test('receivers that recognise duplicates in different ways need a bridge each', async () => {
  const mixed = deployment([
    'islands: [{ name: cloud, backend: embedded }]',
    'endpoints:',
    '  - { name: bridge, bridgeTo: cloud, sendsTo: [a, b] }',
    '  - { name: a, island: cloud, protocol: token }',
    '  - { name: b, island: cloud, protocol: outbox }',
  ]);
  expect((await refusalOf(mixed)).message).toContain('a (token), b (outbox); give each a bridge');
});

test.each([
  ['an island nobody declared', 'island: cloud,', 'island: clowd,', 'did you mean "cloud"?'],
  ['a bridge to nowhere', 'bridgeTo: cloud', 'bridgeTo: clout', 'did you mean "cloud"?'],
  [
    'two islands of one name',
    'islands: [',
    'islands: [{ name: cloud, backend: embedded }, ',
    'two islands named "cloud"',
  ],
  [
    'an island named as the deployment’s own',
    'name: cloud, backend',
    'name: main, backend',
    'two islands named "main"',
  ],
])('%s is refused', async (_, from, to, expected) => {
  expect((await refusalOf(bridged.replace(from, to))).message).toContain(expected);
});

test('a bridge needs a side on which dispatched entries can be kept', async () => {
  const set = ['deployment.backend=sqs-s3', 'deployment.protocol=token'];
  const { message } = await refusalOf(bridged, { set });
  expect(message).toContain(
    'a bridge keeps dispatched entries, and both sides have their entities on s3',
  );
});

test('the built-in profile is what it says on other backends, too', async () => {
  const set = ['deployment.backend=postgres', 'deployment.islands.cloud.backend=sqs-s3'];
  const { profile } = await loadProfile('bridged', { set });
  expect(backendText(profile.deployment)).toBe('postgres => sqs+s3 => embedded');
});
