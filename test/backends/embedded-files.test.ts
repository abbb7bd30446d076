/** What is no store of ours, or cannot be written, gets one clear error; nothing is changed or lost. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type EmbeddedDeployment,
  type EmbeddedOptions,
  openEmbedded,
} from '../../src/backends/embedded/index.js';
import { OncectlError } from '../../src/engine/errors.js';
import type { Ports } from '../../src/engine/ports.js';
import { entry, id, message, noise, settles } from '../conformance/fixtures.js';
import { Peer } from '../conformance/peer/client.js';
import { compileProgram, type Program } from '../conformance/peer/compile.js';
import type { Attempt } from './files/outcome.js';

const source = join(dirname(fileURLToPath(import.meta.url)), 'files/attempt.ts');
let program: Program;
let folder: string;

beforeAll(async () => {
  program = await compileProgram(source);
});
afterAll(() => program.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oncectl-files-'));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  for (const name of ['', 'store']) {
    spawnSync('chmod', ['-R', 'u+w', join(folder, name)]);
  }
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedDeployment> {
  return openEmbedded({ folder, layout: 'separate', worker: 'own', ...options });
}

async function refusal(action: Promise<unknown>): Promise<OncectlError> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OncectlError);
  return error as OncectlError;
}

/** Opens the folder in another process, as a user without special rights. */
function attempt(...given: string[]): Attempt {
  const child = spawnSync(process.execPath, [program.path, ...given], { encoding: 'utf8' });
  expect(child.signal, `the process was killed by ${child.signal}`).toBeNull();
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout) as Attempt;
}

function contents(): [string, string][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map((path): [string, string] => [path, readFileSync(path, 'latin1')])
    .sort();
}

describe('a folder that is not a deployment of this kind is refused and stays as it is', () => {
  const mark = { format: 'oncectl/embedded', version: 3, layout: 'separate' };
  const cases: Record<string, () => void> = {
    'a foreign file': () => writeFileSync(join(folder, 'holiday.jpg'), 'x'),
    'a foreign folder': () => mkdirSync(join(folder, 'photos')),
    'a newer format': () => writeMark({ ...mark, version: mark.version + 1 }),
    'an older format': () => writeMark({ ...mark, version: mark.version - 1 }),
    'another layout': () => writeMark({ ...mark, layout: 'island' }),
    'a mark of something else': () => writeMark({ name: 'something' }),
    'a mark that is no JSON': () => writeFileSync(join(folder, 'oncectl.json'), 'x'),
    'an empty mark': () => writeFileSync(join(folder, 'oncectl.json'), ''),
    'a mark that says null': () => writeMark(null),
    'a mark that is a folder': () => mkdirSync(join(folder, 'oncectl.json')),
  };
  for (const [name, prepare] of Object.entries(cases)) {
    it(name, async () => {
      prepare();
      const before = contents();
      const error = await refusal(open());
      expect(error.kind).toBe('format');
      expect(error.happened).toBe('no');
      expect(error.about).toContain(folder);
      expect(contents()).toEqual(before);
    });
  }

  it('a file in place of the folder', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    const error = await refusal(open({ folder: file }));
    expect(error.kind).toBe('format');
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  function writeMark(content: unknown): void {
    writeFileSync(join(folder, 'oncectl.json'), JSON.stringify(content));
  }
});

describe('a store file that oncectl did not write is refused and stays as it is', () => {
  const cases: Record<string, Buffer> = {
    'a text': Buffer.from('hello\n'.repeat(2_000)),
    'random bytes': randomBytes(65_536),
    zeros: Buffer.alloc(65_536),
    'an SQLite database': Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_192)]),
    'a single byte': Buffer.from('x'),
    'the first page of a store': Buffer.from(
      '0'.repeat(48) + 'dec0efbe02'.padEnd(8_144, '0'),
      'hex',
    ),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    for (const store of ['broker', 'business']) {
      it(`${name} as ${store}`, async () => {
        await (await open()).close();
        const path = join(folder, `${store}.mdb`);
        writeFileSync(path, bytes);
        spawnSync('chmod', ['-R', 'a+rwX', folder]);
        const { refusal: error } = attempt(folder, 'open');
        expect(error?.kind).toBe('format');
        expect(error?.happened).toBe('no');
        expect(error?.about).toContain(path);
        expect(readFileSync(path).equals(bytes)).toBe(true);
      });
    }
  }
});

describe('a folder that cannot be written is refused as read-only', () => {
  it('an existing deployment', async () => {
    const deployment = await open();
    const sent = message('orders');
    await deployment.ports.broker.send([sent]);
    await deployment.close();
    spawnSync('chmod', ['-R', 'a-w', folder]);
    const { refusal: error } = attempt(folder, 'open');
    expect(error?.kind).toBe('read-only');
    expect(error?.happened).toBe('no');
    expect(error?.hint).toBeDefined();
    spawnSync('chmod', ['-R', 'u+w', folder]);
    expect(await pendingIds()).toEqual([sent.id]);
  });

  it('a new one in a folder without write permission', () => {
    chmodSync(folder, 0o555);
    const { refusal: error } = attempt(join(folder, 'store'), 'open');
    expect(error?.kind).toBe('read-only');
    expect(error?.happened).toBe('no');
    expect(contents()).toEqual([]);
  });

  it('one that may not even be read', async () => {
    await (await open()).close();
    spawnSync('chmod', ['-R', 'go-rwx', folder]);
    if (process.getuid?.() !== 0) spawnSync('chmod', ['-R', 'a-rwx', folder]);
    const { refusal: error } = attempt(folder, 'open');
    expect(['read-only', 'denied']).toContain(error?.kind);
    expect(error?.happened).toBe('no');
  });
});

async function pendingIds(): Promise<string[]> {
  const deployment = await open();
  const found: string[] = [];
  for await (const { messageId } of deployment.evidence.pending()) found.push(messageId);
  await deployment.close();
  return found.sort();
}

describe('a full map refuses what does not fit, keeps what it acknowledged and goes on', () => {
  const writes: Record<string, (ports: Ports, key: string) => Promise<unknown>> = {
    broker: ({ broker }, key) => broker.send([message('orders', { id: key, body: noise(20_000) })]),
    business: ({ business }, key) =>
      business.commit('orders', key, 0, { state: noise(20_000), entry: entry(key, key) }),
    payload: ({ payload }, key) =>
      payload.put(key, noise(20_000), { endpoint: 'orders', messageId: key, attempt: key }),
    dedupe: ({ dedupe }, key) =>
      dedupe.add('orders', key, { by: 'w'.repeat(20_000), at: 1, expires: Date.now() + 60_000 }),
  };
  const present: Record<string, (ports: Ports, key: string) => Promise<boolean>> = {
    broker: async ({ broker }) => (await broker.depth('orders')).visible > 0,
    business: async ({ business }, key) => (await business.load('orders', key, key)).version === 1,
    payload: async ({ payload }, key) => (await payload.get(key)) !== null,
    dedupe: ({ dedupe }, key) => dedupe.has('orders', key),
  };

  for (const [name, write] of Object.entries(writes)) {
    it(name, async () => {
      const small = await open({ mapSizeBytes: 1024 * 1024 });
      const { kept, error } = await writeUntilRefused(small, write);
      expect(error.kind).toBe('map-full');
      expect(error.happened).toBe('no');
      expect(error.hint).toBeDefined();
      expect(kept.length).toBeGreaterThan(5);
      expect(await missing(small)).toEqual([]);
      const again = await refusal(settles('a second refusal', 5_000, write(small.ports, id())));
      expect(again.kind).toBe('map-full');
      await settles('the close of a full store', 5_000, small.close());

      const large = await open({ mapSizeBytes: 64 * 1024 * 1024 });
      expect(await missing(large)).toEqual([]);
      if (name === 'broker') {
        expect((await large.ports.broker.depth('orders')).visible).toBe(kept.length);
      }
      await write(large.ports, id());
      await large.close();

      async function missing({ ports }: EmbeddedDeployment): Promise<string[]> {
        const checks = kept.map(async (key) => ((await present[name]?.(ports, key)) ? [] : [key]));
        return (await Promise.all(checks)).flat();
      }
    });
  }

  it('refuses a flush of many operations without losing one that it acknowledged', async () => {
    const small = await open({ mapSizeBytes: 1024 * 1024 });
    const kept: string[] = [];
    let refused = 0;
    for (let round = 0; refused === 0 && round < 100; round += 1) {
      const keys = Array.from({ length: 10 }, () => id());
      const puts = keys.map((key) => writes.payload?.(small.ports, key));
      const outcomes = await Promise.allSettled(puts);
      kept.push(...keys.filter((_, index) => outcomes[index]?.status === 'fulfilled'));
      refused += outcomes.filter(({ status }) => status === 'rejected').length;
    }
    expect(refused).toBeGreaterThan(0);
    for (const key of kept) expect(await small.ports.payload.get(key)).not.toBeNull();
    await small.close();
  });
});

async function writeUntilRefused(
  { ports }: EmbeddedDeployment,
  write: (ports: Ports, key: string) => Promise<unknown>,
) {
  const kept: string[] = [];
  // 10 MB into a map of 1 MiB.
  while (kept.length < 500) {
    const key = id();
    const error = await write(ports, key).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error === null) kept.push(key);
    else return { kept, error: await refusal(Promise.reject(error)) };
  }
  throw new Error(`${kept.length} writes went into a full map`);
}

/** A file system of 4 MiB in a mount name space of its own; null where that is not allowed. */
function attemptOnSmallDisk(): Attempt | null {
  const script = [
    `mount -t tmpfs -o size=4m tmpfs '${folder}' || exit 42`,
    `head -c 1500000 /dev/zero > '${folder}/ballast'`,
    `exec '${process.execPath}' '${program.path}' '${folder}/store' fill '${folder}/ballast'`,
  ].join('\n');
  const child = spawnSync('unshare', ['-rm', 'sh', '-c', script], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  const namespaces = child.error === undefined && ![1, 42].includes(child.status ?? 0);
  if (!namespaces) return null;
  // LMDB itself writes a line about the full disk to the standard error.
  expect([child.status, child.signal]).toEqual([0, null]);
  return JSON.parse(child.stdout) as Attempt;
}

it('a full disk is one clear error, loses nothing, and is over when space is free', (context) => {
  const outcome = attemptOnSmallDisk();
  if (outcome === null) return context.skip('no mount name spaces for this user here');
  expect(outcome.refusal?.kind).toBe('disk-full');
  expect(outcome.refusal?.hint).toBeDefined();
  expect(outcome.sent).toBeGreaterThan(5);
  expect(outcome.lost).toBe(0);
  expect(outcome.goesOn).toBe(true);
});

it('processes that create one deployment at the same time all get it', async () => {
  const store = join(folder, 'store');
  const peers = await Promise.all(
    [1, 2, 3].map(() =>
      Peer.start({ backend: 'embedded', options: { folder: store, layout: 'separate' } }),
    ),
  );
  await Promise.all(peers.map((peer) => peer.ports.broker.send([message('orders')])));
  const depth = await peers[0]?.ports.broker.depth('orders');
  expect(depth?.visible).toBe(3);
  await Promise.all(peers.map((peer) => peer.kill()));
});
