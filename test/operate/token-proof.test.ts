/** Attempts that lost, made by workers that freeze: which rule proves it, and when nothing does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planRepair } from '../../src/operate/outbox/plan-repair.js';
import { findStuck } from '../../src/operate/outbox/stuck.js';
import { type ExaminedToken, examineTokens } from '../../src/operate/token/examine.js';
import { planQuarantine } from '../../src/operate/token/plan-sweep.js';
import { Deployed, first, second } from './deployed.js';

let deployed: Deployed;
afterEach(() => deployed.close());

/** Payloads that were put at the first endpoint, the oldest first. */
async function putAtFirst(): Promise<readonly ExaminedToken[]> {
  const { tokens } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  return tokens
    .filter(({ origin }) => origin.endpoint === first)
    .sort((left, right) => left.at - right.at || (left.id < right.id ? -1 : 1));
}

function verdicts(tokens: readonly ExaminedToken[]) {
  return tokens.map(({ verdict, rule }) => (rule === null ? verdict : `${verdict} by ${rule}`));
}

async function expectSwept(count: number): Promise<void> {
  const { tokens } = await examineTokens(deployed.operation, { youngerThanMs: 0 });
  const plan = planQuarantine(deployed.operation, tokens, {});
  expect(plan.items).toHaveLength(count);
  const { counts } = await deployed.apply(plan);
  expect(counts).toMatchObject({ done: count, failed: 0 });
}

describe('token', () => {
  beforeEach(async () => {
    deployed = await Deployed.open('token');
  });

  it('what may still win is live; once another attempt is checked, its entry proves it', async () => {
    await deployed.send();
    await deployed.work(first, 'put-payloads');
    expect(verdicts(await putAtFirst())).toEqual(['live']);
    await expectSwept(0);
    await deployed.work(first, 'mark-checked');
    expect(verdicts(await putAtFirst())).toEqual(['orphan by entry', 'live']);
    await expectSwept(1);
  });

  it('once the entry is gone, the payload that a message names proves it', async () => {
    await deployed.send();
    const zombie = await deployed.work(first, 'put-payloads');
    await deployed.work(first, null);
    expect(verdicts(await putAtFirst())).toEqual(['orphan by sibling', 'live']);
    await zombie.thaw();
    await deployed.drained(first);
    expect(verdicts(await putAtFirst())).toEqual(['orphan by sibling', 'live']);
  });

  it('when everything is consumed nothing proves it, and it is not swept', async () => {
    await deployed.send();
    const zombie = await deployed.work(first, 'put-payloads');
    await deployed.work(first, null);
    await zombie.thaw();
    await deployed.work(second, null);
    expect(verdicts(await putAtFirst())).toEqual(['unreferenced']);
    await expectSwept(0);
  });

  it('a repair notes which payloads won, and that proves it for ever', async () => {
    await deployed.send();
    const zombie = await deployed.work(first, 'put-payloads');
    const query = { endpoints: [], olderThanMs: 0, step: null, entity: null, error: null } as const;
    const page = { sort: 'age', limit: 10, after: null } as const;
    const { entries } = await findStuck(deployed.operation, { ...query, ...page });
    const choices = { includeHeld: true, acceptDuplicates: false };
    const repair = await planRepair(deployed.operation, entries, choices, {});
    expect((await deployed.apply(repair)).counts.done).toBe(1);
    await zombie.thaw();
    await deployed.work(second, null);
    expect(verdicts(await putAtFirst())).toEqual(['orphan by log']);
    await expectSwept(1);
  });
});

describe('register-commit-publish', () => {
  beforeEach(async () => {
    deployed = await Deployed.open('register-commit-publish');
  });

  it('the last registration may still win; a later one proves that it cannot', async () => {
    await deployed.send();
    await deployed.work(first, 'put-payloads');
    expect(verdicts(await putAtFirst())).toEqual(['live']);
    await expectSwept(0);
    await deployed.work(first, 'register');
    expect(verdicts(await putAtFirst())).toEqual(['orphan by registry']);
    await expectSwept(1);
  });

  it('the slot of another attempt proves it', async () => {
    await deployed.send();
    await deployed.work(first, 'put-payloads');
    await deployed.work(first, 'commit-slot');
    expect(verdicts(await putAtFirst())).toEqual(['orphan by slot', 'live']);
    await expectSwept(1);
  });

  it('a zombie that puts after slot and registry were cleared: the winner in a queue proves it', async () => {
    await deployed.send();
    const zombie = await deployed.work(first, 'register');
    await deployed.work(first, null);
    await zombie.thaw();
    await deployed.drained(first);
    const tokens = await putAtFirst();
    expect(verdicts(tokens).sort()).toEqual(['live', 'orphan by sibling']);
    await expectSwept(1);
    await deployed.work(second, null);
    expect(verdicts(await putAtFirst())).toEqual(['unreferenced']);
  });
});
