/** A schedule from a file once more, step by step, on the simulated stores. */
import { Canon } from './canon.js';
import { judgeRest } from './end.js';
import { evidenceOf } from './evidence.js';
import type { Found } from './explore.js';
import type { Violation } from './history.js';
import { type Move, World } from './moves.js';
import { scenarioFor, type TraceFile } from './trace-file.js';
import { viewOf } from './view.js';

export interface ReplayedSteps {
  /** What the schedule violates now; null: nothing, or it cannot be followed to its end. */
  readonly found: Found | null;
  /** How many of the steps could be taken. */
  readonly taken: number;
}

/** A row that was reached, by which moves, and what the last of them broke. */
interface Way {
  readonly rows: readonly Uint32Array[];
  readonly violation: Violation | null;
}

/**
 * Follows the steps. Two moves of one world may read alike, when copies are alike: all are followed,
 * and one that ends in the file's violation is preferred.
 */
export function replaySteps(file: TraceFile): ReplayedSteps {
  const world = new World(scenarioFor(file), true, true);
  let ways: Way[] = [{ rows: [world.start()], violation: null }];
  let taken = 0;
  for (const step of file.steps) {
    const next = ways.flatMap((way) => (way.violation ? [] : follow(world, way, step)));
    if (next.length === 0) return { found: null, taken };
    ways = distinct(next);
    taken++;
  }
  const ended = ways.map((way) => ({ ...way, violation: way.violation ?? restOf(world, way) }));
  const broken =
    ended.find(({ violation }) => violation?.invariant === file.invariant) ??
    ended.find(({ violation }) => violation !== null);
  if (!broken?.violation) return { found: null, taken };
  const evidence = evidenceOf(world, broken.rows, false);
  const views = broken.rows.map((row) => viewOf(world, row));
  return { found: { ...broken.violation, trace: file.steps, views, evidence }, taken };
}

function follow(world: World, { rows }: Way, step: Move): Way[] {
  const found: Way[] = [];
  world.moves(rows.at(-1) as Uint32Array, (row, move, violation) => {
    const isBy = move.worker === step.worker && move.repair === step.repair;
    const isIt = isBy && move.what === step.what && move.note === step.note;
    if (isIt) found.push({ rows: [...rows, row.slice()], violation });
  });
  return found;
}

/** Judged only where nothing is left to do, or where even a fair world never ends. */
function restOf(world: World, { rows }: Way): Violation | null {
  const seen = new Set<string>();
  const canon = new Canon(world);
  let row = rows.at(-1) as Uint32Array;
  const isAtRest = !world.fairMove(row, () => {});
  if (isAtRest) return judgeRest(world, row).violation;
  for (;;) {
    const name = canon.sort(row.slice()).join();
    if (seen.has(name)) {
      return { invariant: 'progress', text: 'from here even a fair world runs in a circle' };
    }
    seen.add(name);
    const before = row;
    const hasMoved = world.fairMove(before, (next) => {
      row = next.slice();
    });
    if (!hasMoved || row === before) return null;
  }
}

function distinct(ways: readonly Way[]): Way[] {
  const byRow = new Map(
    ways.map((way) => [`${way.rows.at(-1)?.join()} ${way.violation?.invariant}`, way]),
  );
  return [...byRow.values()];
}
