/** All mutants, and the scenario in which each has to be caught. */
import { protocols } from '../../engine/protocols/index.js';
import { appending, defaultBounds, type Scenario, strongStores } from '../scenario.js';
import { dedupeStoreMutants } from './dedupe-store.js';
import type { Mutant } from './mutant.js';
import { outboxMutants } from './outbox.js';
import { registerCommitPublishMutants } from './register-commit-publish.js';
import { repairMutants } from './repair.js';
import { tokenMutants } from './token.js';

export type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  ...outboxMutants,
  ...dedupeStoreMutants,
  ...tokenMutants,
  ...registerCommitPublishMutants,
  ...repairMutants,
];

/** One message in two copies and one crash, where the mutant asks for nothing else. */
export function scenarioOf(mutant: Mutant): Scenario {
  const right = protocols[mutant.of];
  const protocol = {
    ...right,
    program: mutant.program ?? right.program,
    consumes: mutant.acknowledges ?? right.consumes,
  };
  const handler = mutant.handler ?? appending;
  const names = ['orders', ...(mutant.others ?? [])];
  return {
    endpoints: names.map((name) => ({ name, protocol, handler })),
    entered: mutant.entered ?? [{ id: 'A', endpoint: 'orders', key: 'k', body: 'x' }],
    stores: { ...strongStores, ...mutant.stores },
    bounds: { ...defaultBounds, crashes: 1, ...mutant.bounds },
    wrongs: mutant.wrongs ?? {},
    ...(mutant.repairing ? { repairing: mutant.repairing } : {}),
  };
}
