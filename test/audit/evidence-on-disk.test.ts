import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { writeEntities, writeLeftovers, writePending } from '../../src/audit/final-files.js';
import { EvidenceWriter } from '../../src/audit/writer.js';
import { handled, inFolder, nothingLeft, rightHistory, sink } from './history.js';

const options = { sinks: [sink], deterministic: true, replay: handled };
const entered = { endpoint: 'a', key: 'k', hash: 'h', outcome: 'accepted' } as const;

async function withEvidence<T>(work: (folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    await rightHistory().write(folder);
    return work(folder);
  });
}

test('every file has the lines that its description promises', async () => {
  await inFolder(async (folder) => {
    const record = { messageId: 'm1', endpoint: 'a', key: 'a key', transaction: 't2' } as const;
    const outgoing = [
      { id: 'm2', endpoint: 'b', hash: 'h2' },
      { id: 'm3', endpoint: 'sink', hash: '' },
    ];
    const commit = { ...record, previous: 't1', version: 7, before: 'h0', after: 'h1', outgoing };
    const first = { ...commit, previous: null, before: '', after: '', outgoing: [] };
    const commits = new EvidenceWriter(folder, 'commits', 'w1');
    commits.commit(commit);
    commits.commits([first]);
    const sent = new EvidenceWriter(folder, 'entered', 'generator');
    sent.entered([
      { ...entered, messageId: 'm1' },
      { ...entered, messageId: 'm9', outcome: 'unknown' },
    ]);
    const arrivals = new EvidenceWriter(folder, 'arrivals', 'w1');
    arrivals.arrivals([
      { ...record, hash: 'h' },
      { ...record, transaction: null, hash: '', payload: 'p1' },
    ]);
    const injected = new EvidenceWriter(folder, 'injected', 'faults');
    injected.injected([{ endpoint: 'a', messageId: 'm1', what: 'discarded' }]);
    for (const writer of [commits, sent, arrivals, injected]) writer.close();
    await writeEntities(folder, [{ ...record, version: 8, hash: 'h1' }]);
    await writePending(folder, [{ endpoint: 'a', messageId: 'm1', where: 'dead' }]);
    const textOf = (name: string) => readFile(join(folder, name), 'utf8');
    expect(await textOf('commits-w1.tsv')).toBe(
      'a\tm1\ta%20key\tt2\tt1\t7\th0\th1\tm2:b:h2,m3:sink:-\na\tm1\ta%20key\tt2\t-\t7\t-\t-\t-\n',
    );
    expect(await textOf('entered-generator.tsv')).toBe(
      'm1\ta\tk\th\taccepted\nm9\ta\tk\th\tunknown\n',
    );
    expect(await textOf('arrivals-w1.tsv')).toBe('a\tm1\tt2\th\na\tm1\t-\t-\tp1\n');
    expect(await textOf('injected-faults.tsv')).toBe('a\tm1\tdiscarded\n');
    expect(await textOf('entities.tsv')).toBe('a\ta%20key\t8\tt2\th1\n');
    expect(await textOf('pending.tsv')).toBe('a\tm1\tdead\n');
  });
});

test('a line is in the file when the call returns', async () => {
  await inFolder(async (folder) => {
    const writer = new EvidenceWriter(folder, 'arrivals', 'w1');
    for (const messageId of ['m1', 'm2']) {
      writer.arrivals([{ endpoint: 'a', messageId, transaction: null, hash: 'h' }]);
      expect(await readFile(writer.path, 'utf8')).toMatch(new RegExp(`\t?${messageId}\t-\th\n$`));
    }
    writer.arrivals([]);
    writer.close();
  });
});

test('a writer that goes on with a file leaves out the line that a crash cut', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'arrivals-w1.tsv');
    await writeFile(path, `a\tm1\t-\th\na\tm2\t-\t${'h'.repeat(9000)}`);
    const writer = new EvidenceWriter(folder, 'arrivals', 'w1');
    writer.arrivals([{ endpoint: 'a', messageId: 'm3', transaction: null, hash: 'h' }]);
    writer.close();
    expect(await readFile(path, 'utf8')).toBe('a\tm1\t-\th\na\tm3\t-\th\n');
  });
});

test('a folder that is not there is told by name', async () => {
  await inFolder(async (folder) => {
    const open = () => new EvidenceWriter(join(folder, 'gone'), 'arrivals', 'w1');
    expect(open).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });
});

test('a last line without its newline does not count', async () => {
  await withEvidence(async (folder) => {
    await appendFile(join(folder, 'entered-w0.tsv'), 'm99\ta\tkey\thash\taccepted');
    await appendFile(join(folder, 'arrivals-w1.tsv'), 'b\tstr');
    expect(await audit(folder, options)).toMatchObject({ clean: true, accepted: 4 });
    await appendFile(join(folder, 'entered-w0.tsv'), '\n');
    expect(await audit(folder, options)).toMatchObject({ clean: false, accepted: 5, lost: 1 });
  });
});

test.each([
  ['entered-w0.tsv', 'm9\ta\tkey\thash\tperhaps', /"perhaps", not accepted or unknown/],
  ['entered-w0.tsv', 'm9\ta\tkey\taccepted', /4 fields where 5 belong/],
  ['entered-w0.tsv', '', /1 fields where 5 belong/],
  ['entered-w0.tsv', 'm9\ta\t%zz\thash\taccepted', /key that cannot be decoded/],
  ['arrivals-w0.tsv', 'a\t\t-\thash', /an empty field/],
  ['commits-w0.tsv', 'a\tm9\tk\tt9\t-\tnext\t-\th\t-', /"next", not a version/],
  ['commits-w0.tsv', 'a\tm9\tk\tt9\t-\t1.5\t-\th\t-', /"1.5", not a version/],
  ['commits-w0.tsv', 'a\tm9\tk\t-\t-\t1\t-\th\t-', /without a transaction/],
  ['commits-w0.tsv', 'a\tm9\tk\tt9\t-\t1\t-\th\tm10:b', /"m10:b", not id:endpoint:hash/],
  ['injected-w0.tsv', 'a\tm9\tstolen', /"stolen", not duplicate or discarded or restored/],
  ['pending.tsv', 'a\tm9\tgone', /"gone", not queued or dead/],
  ['entities.tsv', 'a\tk\t-1\t-\t-', /"-1", not a version/],
])(
  'a line in %s that cannot be read ends the audit with file and line: %j',
  async (file, line, why) => {
    await withEvidence(async (folder) => {
      const path = join(folder, file);
      const before = (await readFile(path, 'utf8')).split('\n').length - 1;
      await appendFile(path, `${line}\n`);
      await expect(audit(folder, options)).rejects.toMatchObject({
        kind: 'format',
        about: `${file}:${before + 1}`,
        message: expect.stringMatching(why),
      });
      expect(await temporariesIn(folder)).toEqual([]);
    });
  },
);

test.each(['entities.tsv', 'pending.tsv', 'leftovers.json'])(
  'a whole run without %s cannot be audited, a run cut short can',
  async (file) => {
    await withEvidence(async (folder) => {
      await rm(join(folder, file));
      await expect(audit(folder, options)).rejects.toMatchObject({
        kind: 'not-found',
        about: file,
      });
      expect(await audit(folder, { ...options, aborted: true })).toMatchObject({ clean: true });
    });
  },
);

test.each([
  ['nothing', ''],
  ['a number', '3'],
  ['a count missing', '{"drained":true}'],
  ['no word on the drain', JSON.stringify({ ...nothingLeft, drained: 1 })],
])('leftovers.json with %s is refused', async (_, text) => {
  await withEvidence(async (folder) => {
    await writeFile(join(folder, 'leftovers.json'), text);
    await expect(audit(folder, options)).rejects.toMatchObject({ kind: 'format' });
    await writeLeftovers(folder, nothingLeft);
    expect(await audit(folder, options)).toMatchObject({ clean: true });
  });
});

test('a folder without evidence, or no folder at all, is told by name', async () => {
  await inFolder(async (folder) => {
    const about = 'entities.tsv';
    await expect(audit(folder, options)).rejects.toMatchObject({ kind: 'not-found', about });
    const gone = join(folder, 'gone');
    await expect(audit(gone, options)).rejects.toMatchObject({ kind: 'not-found', about: gone });
  });
});

test('an empty run is clean', async () => {
  await inFolder(async (folder) => {
    await rightHistory(0).write(folder);
    expect(await audit(folder, options)).toMatchObject({ clean: true, accepted: 0, handled: 0 });
  });
});

test('the audit leaves nothing of its own, and removes what a killed audit left', async () => {
  await withEvidence(async (folder) => {
    // No process has this id: ids end at 2^22.
    await mkdir(join(folder, '.audit-99999999-left'));
    await mkdir(join(folder, `.audit-${process.pid}-running`));
    await audit(folder, options);
    expect(await temporariesIn(folder)).toEqual([`.audit-${process.pid}-running`]);
  });
});

test('an evidence file that was cut in the middle of a character still reads', async () => {
  await inFolder(async (folder) => {
    const history = rightHistory();
    history.entered.push({ ...entered, messageId: 'mä' });
    await history.write(folder);
    const path = join(folder, 'entered-w0.tsv');
    const whole = await readFile(path);
    await truncate(path, whole.indexOf(0xc3) + 1);
    expect(await audit(folder, options)).toMatchObject({ clean: true, accepted: 4 });
  });
});

async function temporariesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('.'));
}
