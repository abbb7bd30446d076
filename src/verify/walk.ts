/** Seeded random walks: what cannot be exhausted is sampled, the same way for the same seed. */
import { Random } from '../load/random.js';
import { judgeRest } from './end.js';
import { type Evidence, evidenceOf } from './evidence.js';
import type { Explored, Found, Limits } from './explore.js';
import type { Violation } from './history.js';
import { type Move, World } from './moves.js';
import type { Scenario } from './scenario.js';
import { viewOf } from './view.js';

export interface Walked {
  readonly found: Found | null;
  readonly steps: number;
  readonly evidence: Evidence;
}

const mostSteps = 10_000;
const walksBetweenLooks = 64;

/** One walk after another, seeded one behind the other. Ends at the first violation, or in time. */
export async function walks(
  scenario: Scenario,
  { seed, count }: { readonly seed: number; readonly count: number },
  { timeMs, onProgress }: Limits,
): Promise<Explored> {
  const from = performance.now();
  let steps = 0;
  let depth = 0;
  let walked = 0;
  let found: Found | null = null;
  const progress = () => ({ states: steps, depth, ms: performance.now() - from });
  for (; walked < count && !found && progress().ms <= timeMs; walked++) {
    const one = walk(scenario, seed + walked);
    steps += one.steps;
    depth = Math.max(depth, one.steps);
    found = one.found;
    if (walked % walksBetweenLooks !== 0) continue;
    onProgress?.(progress());
    await new Promise((resolve) => setImmediate(resolve));
  }
  const counted = { orphans: 0, rests: walked, places: 0, occurred: new Set<string>() };
  return { ...progress(), ...counted, verdict: found ? 'violated' : 'not exhausted', found };
}

/** Takes one move after another, each as likely, until the world is at rest or an invariant breaks. */
export function walk(scenario: Scenario, seed: number): Walked {
  const world = new World(scenario);
  const random = new Random(seed);
  const rows = [world.start()];
  const trace: Move[] = [];
  for (let step = 0; step < mostSteps; step++) {
    const all: Array<{ row: Uint32Array; move: Move; violation: Violation | null }> = [];
    world.moves(rows.at(-1) as Uint32Array, (next, move, violation) => {
      all.push({ row: next.slice(), move, violation });
    });
    const chosen = all[Math.floor(random.nextDouble() * all.length)];
    if (!chosen) return ended(world, rows, trace);
    rows.push(chosen.row);
    trace.push(chosen.move);
    if (!chosen.violation) continue;
    const evidence = evidenceOf(world, rows, false);
    const views = rows.map((row) => viewOf(world, row));
    const found = { ...chosen.violation, trace, views, evidence };
    return { found, steps: trace.length, evidence };
  }
  throw new Error(`a walk of ${mostSteps} steps did not come to rest`);
}

function ended(world: World, rows: readonly Uint32Array[], trace: readonly Move[]): Walked {
  const last = rows.at(-1) as Uint32Array;
  // A bound may forbid the next step: then nothing more happens, and the world is not at rest.
  const isAtRest = !world.fairMove(last, () => {});
  const violation = isAtRest ? judgeRest(world, last).violation : null;
  const evidence = evidenceOf(world, rows, isAtRest);
  const views = violation ? rows.map((row) => viewOf(world, row)) : [];
  const found = violation && { ...violation, trace, views, evidence };
  return { found, steps: trace.length, evidence };
}
