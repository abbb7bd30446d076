/** Schedules that real stores cannot be made to follow. */
import { OncectlError } from '../engine/errors.js';
import { mutants, type TraceFile } from '../verify/index.js';

/** @throws OncectlError `usage`, with what stands in the way and what to do instead */
export function refuseWhatIsNotReal(file: TraceFile): void {
  const deviating = Object.entries(file.stores).find(([, model]) => model !== 'strong');
  if (deviating) refuse(`its ${deviating.join(' store is ')}, and embedded stores are strong`);
  if (file.bounds.repairs) refuse('it has repairs, and workers alone can be led step by step');
  if (file.producer) refuse('it is of two endpoints, and one can be replayed');
  const mutant = mutants.find(({ name }) => name === file.mutant);
  if (!mutant) return;
  if (mutant.stores) refuse(`${mutant.name} is wrong on another kind of store`);
  if (mutant.wrongs) refuse(`${mutant.name} is wrong in its stores, not in its program`);
  if (mutant.others) refuse(`${mutant.name} is of several endpoints, and one can be replayed`);
}

function refuse(why: string): never {
  const hint = 'replay it without --on, on simulated stores';
  throw new OncectlError('usage', `real stores cannot follow this schedule: ${why}`, {
    about: '--on',
    hint,
  });
}
