/** Seeded random walks: what cannot be exhausted is sampled, the same way for the same seed. */
import { Random } from '../load/random.js';
import { judgeRest } from './end.js';
import { type Evidence, evidenceOf } from './evidence.js';
import type { Found } from './explore.js';
import type { Violation } from './history.js';
import { type Move, World } from './moves.js';
import type { Scenario } from './scenario.js';

export interface Walked {
  readonly found: Found | null;
  readonly steps: number;
  readonly evidence: Evidence;
}

const mostSteps = 10_000;

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
    return { found: { ...chosen.violation, trace, evidence }, steps: trace.length, evidence };
  }
  throw new Error(`a walk of ${mostSteps} steps did not come to rest`);
}

function ended(world: World, rows: readonly Uint32Array[], trace: readonly Move[]): Walked {
  const { violation } = judgeRest(world, rows.at(-1) as Uint32Array);
  const evidence = evidenceOf(world, rows, true);
  return { found: violation && { ...violation, trace, evidence }, steps: trace.length, evidence };
}
