import { expect, test } from 'vitest';
import { faultsOf, type History, handled, named, rightHistory, verdictOf } from './history.js';

function lastCommit(history: History) {
  const [last] = history.commits.slice(-1);
  if (last === undefined) throw new Error('no commits');
  const replace = (by: Partial<typeof last>) => history.commits.splice(-1, 1, { ...last, ...by });
  return { last, replace };
}

/** Changes what the store says about the entity of the last commit, which is at `b`. */
function storeSays(history: History, by: Partial<ReturnType<History['storedEntities']>[number]>) {
  const { last } = lastCommit(history);
  history.entities = history.storedEntities().map((entity) => {
    return entity.endpoint === last.endpoint && entity.key === last.key
      ? { ...entity, ...by }
      : entity;
  });
  return last;
}

test('a commit that began from another state than its predecessor left is named', async () => {
  const history = rightHistory();
  const { last, replace } = lastCommit(history);
  replace({ before: 'elsewhere' });
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(named(verdict)).toEqual([`I5 b ${last.messageId}`]);
});

test('a first commit that began from a state is named', async () => {
  const history = rightHistory();
  const [first] = history.commits;
  if (first !== undefined) history.commits.splice(0, 1, { ...first, before: 'elsewhere' });
  expect(named(await verdictOf(history))).toEqual([`I5 a ${first?.messageId}`]);
});

test.each([
  ['another state', { hash: 'elsewhere' }],
  ['an older version than was committed', { version: 3 }],
  ['an older transaction than the last', { transaction: 't00006' }],
  ['a transaction that nobody recorded', { transaction: 'unrecorded' }],
])('a store that holds %s contradicts the commits', async (_, by) => {
  const history = rightHistory();
  storeSays(history, by);
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(verdict.firstViolations[0]).toMatchObject({ invariant: 'I5', endpoint: 'b' });
});

test('a store that went back to an older commit names what followed it', async () => {
  const history = rightHistory();
  const { last } = lastCommit(history);
  storeSays(history, { transaction: last.previous });
  expect(named(await verdictOf(history))).toEqual([`I5 b ${last.messageId}`]);
});

test('a version that moved on without a commit is no contradiction', async () => {
  const history = rightHistory();
  storeSays(history, { version: 1000 });
  expect(await verdictOf(history)).toMatchObject({ clean: true });
});

test('an entity that the store lost is named by its first commit', async () => {
  const history = rightHistory();
  const { last } = lastCommit(history);
  history.entities = history
    .storedEntities()
    .filter(({ endpoint, key }) => endpoint !== last.endpoint || key !== last.key);
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(verdict.firstViolations[0]?.what).toContain('the store does not know it');
});

test('a state in the store that no commit wrote is named by its entity', async () => {
  const history = rightHistory();
  const stray = { endpoint: 'a', key: 'key 9', version: 1, transaction: null, hash: 'h' };
  history.entities = [...history.storedEntities(), stray];
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(verdict.firstViolations[0]?.what).toContain('key%209');
});

test('an entity that was registered but never committed may stand in the store', async () => {
  const history = rightHistory();
  const empty = { endpoint: 'a', key: 'key 9', version: 2, transaction: null, hash: '' };
  history.entities = [...history.storedEntities(), empty];
  expect(await verdictOf(history)).toMatchObject({ clean: true });
});

test('a chain that fits together but was not what the handler does is found by re-execution', async () => {
  const history = rightHistory();
  const { last, replace } = lastCommit(history);
  replace({ after: 'elsewhere' });
  storeSays(history, { hash: 'elsewhere' });
  const verdict = await verdictOf(history);
  expect(faultsOf(verdict)).toEqual({ contradicting: 1 });
  expect(named(verdict)).toEqual([`I5 b ${last.messageId}`]);
  expect(verdict.firstViolations[0]?.what).toMatch(/^executed again/);
  expect(await verdictOf(history, { deterministic: false })).toMatchObject({ clean: true });
});

test('re-execution goes on over a record that was reported twice', async () => {
  const history = rightHistory(8);
  const { last, replace } = lastCommit(history);
  replace({ after: 'elsewhere' });
  storeSays(history, { hash: 'elsewhere' });
  history.commits.unshift(...history.commits.slice(0, -1));
  expect(named(await verdictOf(history))).toEqual([`I5 b ${last.messageId}`]);
});

test('a handler that fails when executed again is named', async () => {
  const history = rightHistory();
  const replay = (before: Uint8Array | null, messageId: string, endpoint: string, key: string) => {
    if (messageId === history.entered[3]?.messageId) throw new Error(`not on ${key}`);
    return handled(before, messageId, endpoint);
  };
  const verdict = await verdictOf(history, { replay });
  expect(named(verdict)).toEqual([`I5 a ${history.entered[3]?.messageId}`]);
  expect(verdict.firstViolations[0]?.what).toContain('not on key 1');
});

test('an endpoint whose handlers cannot be executed again is judged by its hashes alone', async () => {
  const history = rightHistory();
  const replay = (before: Uint8Array | null, messageId: string, endpoint: string) =>
    endpoint === 'b' ? undefined : handled(before, messageId, endpoint);
  expect(await verdictOf(history, { replay })).toMatchObject({ clean: true });
});

test('a deterministic run without a replay is refused, not passed', async () => {
  await expect(verdictOf(rightHistory(), { replay: undefined } as never)).rejects.toMatchObject({
    kind: 'bug',
  });
});

test('re-execution takes the versions as numbers, and keys as they are', async () => {
  const history = rightHistory(0);
  for (let index = 0; index < 40; index += 1) {
    for (const key of ['', '-', '%', 'a\tb', 'ä/ö', 'key'])
      history.pass(history.enter('a', key), ['a']);
  }
  const keys = new Set<string>();
  const replay = (before: Uint8Array | null, messageId: string, endpoint: string, key: string) => {
    keys.add(key);
    return handled(before, messageId, endpoint);
  };
  expect(await verdictOf(history, { replay })).toMatchObject({ clean: true, handled: 240 });
  expect([...keys].sort()).toEqual(['', '%', '-', 'a\tb', 'key', 'ä/ö']);
});
