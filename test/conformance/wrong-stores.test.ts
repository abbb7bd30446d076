import { AssertionError } from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { memoryCapabilities, openMemory } from './memory.js';
import { cases, runCase } from './suite.js';
import { wrongStores } from './wrong-stores.js';

/** Wrong stores let a case wait for what never comes: it need not wait long. */
const capabilities = { ...memoryCapabilities, patience: 500 };

describe.concurrent('the suite rejects', () => {
  for (const { name, build, upkeep, rejectedBy } of wrongStores) {
    for (const title of rejectedBy) {
      it(`${name}, by: ${title}`, async () => {
        const one = cases.find((each) => each.title === title);
        expect(one, `no case has this title: ${title}`).toBeDefined();
        if (one === undefined) return;
        const verdict = runCase(one, () => openMemory(build, upkeep), capabilities);
        await expect(verdict).rejects.toBeInstanceOf(AssertionError);
      });
    }
  }
});

it('has a title of its own for every case', () => {
  const titles = cases.map((one) => `${one.part}: ${one.title}`);
  expect(new Set(titles).size).toBe(titles.length);
});
