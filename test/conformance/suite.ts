/**
 * One suite for every backend (design, section 2): `conformance` registers it with vitest,
 * `caseNamed` hands out a single case, so that a wrong store can be shown to fail it.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { brokerCases } from './broker.js';
import { deadCases } from './broker-dead.js';
import { leaseCases } from './broker-lease.js';
import { businessCases } from './business.js';
import { pendingCases } from './business-pending.js';
import { settleCases } from './business-settle.js';
import { type Capabilities, type Case, Context, type Part, type Subject } from './case.js';
import { dedupeCases } from './dedupe.js';
import { evidenceCases } from './evidence.js';
import { islandCases } from './island.js';
import { lifeCases } from './life.js';
import { payloadCases } from './payload.js';
import { upkeepCases } from './upkeep.js';

export const cases: readonly Case[] = [
  ...brokerCases,
  ...leaseCases,
  ...deadCases,
  ...businessCases,
  ...settleCases,
  ...pendingCases,
  ...dedupeCases,
  ...payloadCases,
  ...islandCases,
  ...evidenceCases,
  ...upkeepCases,
  ...lifeCases,
];

const everyPart: readonly Part[] = [
  'broker',
  'business',
  'dedupe',
  'payload',
  'island',
  'evidence',
  'upkeep',
  'life',
];

/** Runs every case that the capabilities allow on one opened subject, each on its own endpoints. */
export function conformance(
  name: string,
  open: () => Promise<Subject>,
  capabilities: Capabilities,
): void {
  describe(name, () => {
    let context: Context;
    beforeAll(async () => {
      context = new Context(await open(), capabilities, open);
    });
    afterAll(() => context.subject.close());
    for (const part of capabilities.parts ?? everyPart) {
      describe(part, () => {
        for (const one of cases.filter((each) => each.part === part)) {
          register(one, capabilities, () => context);
        }
      });
    }
  });
}

function register(one: Case, capabilities: Capabilities, context: () => Context): void {
  const reason = one.unless?.(capabilities);
  const title = reason === undefined ? one.title : `${one.title} (not here: ${reason})`;
  it.skipIf(reason !== undefined)(title, () => one.run(context()), 60_000);
}

/** Runs one case on a subject of its own; rejects when the subject fails it. */
export async function runCase(
  one: Case,
  open: () => Promise<Subject>,
  capabilities: Capabilities,
): Promise<void> {
  const subject = await open();
  try {
    await one.run(new Context(subject, capabilities, open));
  } finally {
    await subject.close();
  }
}
