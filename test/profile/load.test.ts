import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protocolNames } from '../../src/engine/protocols/names.js';
import { builtInNames } from '../../src/profile/find.js';
import { handledPerEntered, listProfiles } from '../../src/profile/list.js';
import { loadProfile } from '../../src/profile/load.js';
import { ProfileError } from '../../src/profile/problems.js';
import { loadText, refusalOf, temporaryFolder } from './folder.js';

const small = 'deployment: { endpoints: { chain: 2 } }\nload: { rate: 50/s }\n';

test('every built-in profile loads without a warning', async () => {
  for (const name of await builtInNames()) {
    const { profile, warnings } = await loadProfile(name);
    expect({ name: profile.name, warnings }).toEqual({ name, warnings: [] });
  }
});

test('the list tells what classic does: 50 enter, 750 are handled a second', async () => {
  const classic = (await listProfiles()).find(({ name }) => name === 'classic');
  expect(classic).toMatchObject({ endpoints: 15, enteringPerSecond: 50, handledPerSecond: 750 });
});

test('every protocol runs under faulty; the control runs nowhere else unasked', async () => {
  for (const protocol of protocolNames) {
    await loadProfile('faulty', { set: [`deployment.protocol=${protocol}`] });
  }
  const control = loadProfile('classic', { set: ['deployment.protocol=none'] });
  await expect(control).rejects.toThrow('control: true');
});

test('faulty may be made longer and shorter: its faults go on as long as it lasts', async () => {
  for (const duration of ['10s', '5m']) {
    const set = [`load.duration=${duration}`];
    expect((await loadProfile('faulty', { set })).warnings).toEqual([]);
  }
});

test('what is loaded survives the way to a worker: nothing in it is undefined or infinite', async () => {
  for (const name of await builtInNames()) {
    const { profile } = await loadProfile(name);
    expect(JSON.parse(JSON.stringify(profile))).toStrictEqual(profile);
  }
});

test('a chain hands on to the next, and the last to the sink', async () => {
  const { profile } = await loadText(small);
  const way = profile.deployment.endpoints.map(({ name, sendsTo }) => [name, ...sendsTo]);
  expect(way).toEqual([
    ['endpoint-01', 'endpoint-02'],
    ['endpoint-02', 'sink'],
  ]);
  expect(profile.load.enter).toEqual(['endpoint-01']);
});

test('independent endpoints are all entered; a fan-out is entered at its first', async () => {
  const shaped = async (shape: string) =>
    (await loadText(`deployment: { endpoints: ${shape} }\nload: { rate: 50/s }\n`)).profile;
  const independent = await shaped('{ independent: 15 }');
  expect(independent.load.enter).toHaveLength(15);
  const fanOut = await shaped('{ fanOut: 3 }');
  expect(fanOut.load.enter).toEqual(['endpoint-01']);
  expect(handledPerEntered(fanOut)).toBe(4);
});

test('a backend is short for four stores, each of which may be another one', async () => {
  const storesOf = async (...set: string[]) => {
    const { profile } = await loadText(small, { set });
    const { broker, business, dedupe, payload } = profile.deployment;
    return [broker, business, dedupe, payload];
  };
  expect(await storesOf('deployment.backend=postgres')).toEqual(Array(4).fill('postgres'));
  expect(await storesOf('deployment.backend=sqs-s3')).toEqual(['sqs', 's3', 's3', 's3']);
  const dynamodb = ['sqs', 'dynamodb', 'dynamodb', 's3'];
  expect(await storesOf('deployment.backend=sqs-dynamodb')).toEqual(dynamodb);
  const mixed = ['deployment.broker=sqs', 'deployment.business=postgres', 'deployment.payload=s3'];
  expect(await storesOf(...mixed)).toEqual(['sqs', 'postgres', 'embedded', 's3']);
});

test('a store that keeps nothing stands beside none that does', async () => {
  const mixed = await refusalOf(small, { set: ['deployment.payload=noop'] });
  expect(mixed.message).toContain('deployment.payload: noop is for all four stores or for none');
});

test('a protocol that the stores cannot carry is refused where it is chosen', async () => {
  const refused = async (...set: string[]) => (await refusalOf(small, { set })).message;
  const local = 'deployment.protocol=local-transaction';
  expect(await refused(local, 'deployment.business=postgres')).toContain(
    'queue and data in one database, and broker and business are not (embedded, postgres)',
  );
  expect(await refused(local, 'deployment.backend=sqs-s3')).toContain('(sqs, s3)');
  const outbox = await refused('deployment.protocol=outbox', 'deployment.backend=sqs-s3');
  expect(outbox).toContain('outbox keeps dispatched entries');
});

test('SQS counts visibility in whole seconds', async () => {
  const set = ['deployment.broker=sqs', 'deployment.visibility=1500ms'];
  expect((await refusalOf(small, { set })).message).toContain('SQS counts whole seconds');
});

test('a deployment is named after its profile, with characters that every store takes', async () => {
  const named = async (name: string) => {
    const { profile } = await loadText(`name: ${name}\n${small}`);
    return profile.deployment.namespace;
  };
  expect(await named('Shop.EU_1')).toBe('shop-eu-1');
  expect(await named('2nd')).toBe('n-2nd');
  const long = await named('x'.repeat(63));
  expect(long).toBe('x'.repeat(40));
});

test('stages follow the warm-up, each with its own shape and rate', async () => {
  const { profile } = await loadText(`
deployment: { endpoints: { chain: 1 } }
load:
  rate: 50/s
  warmup: 10s
  stages:
    - { name: plain, duration: 1m }
    - { name: climb, duration: 1m, to: 100/s }
    - { name: stairs, duration: 1m, shape: step, from: 10/s, to: 100/s, count: 3 }
`);
  expect(profile.load.stages).toMatchObject([
    { name: 'warm-up', measured: false, durationMs: 10_000, toPerSecond: 50 },
    { name: 'plain', shape: 'constant', fromPerSecond: 50, toPerSecond: 50 },
    { name: 'climb', shape: 'ramp', fromPerSecond: 50, toPerSecond: 100 },
    { name: 'stairs', shape: 'step', fromPerSecond: 10, toPerSecond: 100, count: 3 },
  ]);
});

test('own handlers are found beside the profile, and may end a cycle', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'inner'));
  await writeFile(join(cwd, 'inner', 'own.mjs'), 'export const orders = {};\n');
  await writeFile(
    join(cwd, 'inner', 'my.yaml'),
    `deployment:
  endpoints:
    - { name: a, sendsTo: b, handlers: './own.mjs#orders' }
    - { name: b, sendsTo: a }
load: { rate: 1/s, enter: a }
`,
  );
  const { profile } = await loadProfile('inner/my.yaml', { cwd });
  const file = join(cwd, 'inner', 'own.mjs');
  expect(profile.deployment.endpoints[0]?.handlers).toEqual({ file, export: 'orders' });
});

test('a stall lasts longer than the visibility unless told otherwise', async () => {
  const text = `${small}faults: [{ kind: stall }, { kind: stall, for: 2s }]\n`;
  const { profile, warnings } = await loadText(text, { set: ['deployment.visibility=4s'] });
  expect(profile.faults.map(({ forMs }) => forMs)).toEqual([6000, 2000]);
  expect(warnings).toEqual([expect.stringContaining('my.yaml:3:47: faults[1].for: ends within')]);
});

test('warns of what cannot matter, and loads', async () => {
  const { warnings } = await loadText(`
deployment: { retention: 10s, endpoints: [{ name: a }, { name: b }] }
load: { rate: 1/s, enter: a }
faults: [{ kind: kill, at: 2m }]
`);
  expect(warnings).toEqual([
    expect.stringContaining('deployment.retention: is not longer than the visibility'),
    expect.stringContaining('no message ever gets to "b"'),
    expect.stringContaining('faults[0].at: never strikes: the load is over after 1m5s'),
  ]);
});

test('the digest is that of the file, whatever flags say', async () => {
  const plain = await loadText(small);
  const changed = await loadText(small, { set: ['seed=7'] });
  expect(changed.profile.seed).toBe(7);
  expect(changed.source.sha256).toBe(plain.source.sha256);
});

test('a name that is neither built in nor a file is refused with the nearest one', async () => {
  await expect(loadProfile('clasic')).rejects.toMatchObject({
    kind: 'profile',
    message: 'there is no profile "clasic"; did you mean "classic"?',
  });
});

test('a folder, bytes that are no text, and a huge file are no profiles', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'binary.yaml'), new Uint8Array([0xff, 0xfe, 0x00]));
  await writeFile(join(cwd, 'huge.yaml'), '#'.repeat(2 ** 20 + 1));
  await expect(loadProfile('.', { cwd })).rejects.toThrow('is a folder');
  await expect(loadProfile('binary.yaml', { cwd })).rejects.toThrow('UTF-8');
  await expect(loadProfile('huge.yaml', { cwd })).rejects.toThrow('too large');
  await expect(loadProfile('none.yaml', { cwd })).rejects.toThrow('there is no file');
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read is refused', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'my.yaml'), small);
  await chmod(join(cwd, 'my.yaml'), 0);
  await expect(loadProfile('my.yaml', { cwd })).rejects.toMatchObject({ kind: 'profile' });
});

test('whatever a slip of the keyboard does, a profile loads or is refused with a place', async () => {
  const classic = await readFile('profiles/classic.yaml', 'utf8');
  const cwd = await temporaryFolder();
  const slip = fc.record({
    at: fc.nat(classic.length),
    drop: fc.nat(12),
    type: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('\n', ' ', '{', '[', '&a ', '*a', '${', '- ', ': ', '"'),
    ),
  });
  const attempt = async (slips: readonly { at: number; drop: number; type: string }[]) => {
    const text = slips.reduce(
      (so, { at, drop, type }) => so.slice(0, at) + type + so.slice(at + drop),
      classic,
    );
    await writeFile(join(cwd, 'my.yaml'), text);
    const outcome = await loadProfile('my.yaml', { cwd, env: {} }).catch((error: unknown) => error);
    if (!(outcome instanceof Error)) return;
    expect(outcome).toBeInstanceOf(ProfileError);
    expect(outcome.message).toContain('my.yaml');
  };
  await fc.assert(fc.asyncProperty(fc.array(slip, { minLength: 1, maxLength: 3 }), attempt), {
    numRuns: 300,
  });
});

test('aliases that multiply are refused rather than expanded', async () => {
  const levels = Array.from({ length: 9 }, (_, n) => `  - &l${n + 1} [${`*l${n}, `.repeat(10)}]`);
  const error = await refusalOf(`faults:\n  - &l0 [x]\n${levels.join('\n')}\n`);
  expect(error.message).toContain('repeated too often');
});
