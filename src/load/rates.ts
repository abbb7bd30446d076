/**
 * The shape of a stage as pieces of linear rate, and the time at which each message of it is due.
 *  1. A stage takes exactly its duration and holds exactly the number of messages that its rate
 *     adds up to (rounded to a whole one); a ramp neither overruns nor ends short.
 *  2. Message k of a uniform stage is due where the rate has added up to k messages.
 */
import type { Stage } from '../profile/types.js';

/** A stretch of time in which the rate changes linearly. */
interface Piece {
  readonly startUs: number;
  readonly durationUs: number;
  /** Messages per microsecond at both ends. */
  readonly from: number;
  readonly to: number;
  /** Messages before this piece, and in it. */
  readonly before: number;
  readonly area: number;
}

export interface PlannedStage {
  readonly name: string;
  readonly measured: boolean;
  /** From the start of the load, microseconds. */
  readonly startUs: number;
  readonly endUs: number;
  /** Messages due in this stage, and before it. */
  readonly count: number;
  readonly firstIndex: number;
  /** Highest rate in it, per second: the pacer sleeps by it. */
  readonly peakPerSecond: number;
  readonly pieces: readonly Piece[];
  /** What the rate adds up to before rounding. */
  readonly area: number;
}

/** Lays the stages one behind the other. */
export function planStages(stages: readonly Stage[]): PlannedStage[] {
  const planned: PlannedStage[] = [];
  let startUs = 0;
  let firstIndex = 0;
  for (const stage of stages) {
    const plan = planStage(stage, startUs, firstIndex);
    planned.push(plan);
    startUs = plan.endUs;
    firstIndex += plan.count;
  }
  return planned;
}

/**
 * Time at which the share `position` (0 to 1) of a stage's messages has been due, microseconds from
 * the start of the load; never after the stage's end.
 */
export function timeOf(stage: PlannedStage, position: number): number {
  const target = position * stage.area;
  const piece = stage.pieces.find(({ before, area }) => target < before + area);
  if (piece === undefined) return stage.endUs;
  return Math.min(stage.endUs, piece.startUs + timeWithin(piece, target - piece.before));
}

/** Where the integral of a linear rate reaches `area`; written so that a level rate divides by no 0. */
function timeWithin(piece: Piece, area: number): number {
  if (area <= 0) return 0;
  const slope = (piece.to - piece.from) / piece.durationUs;
  const root = Math.sqrt(Math.max(0, piece.from * piece.from + 2 * slope * area));
  return (2 * area) / (piece.from + root);
}

function planStage(stage: Stage, startUs: number, firstIndex: number): PlannedStage {
  const pieces = piecesOf(stage, startUs);
  const area = pieces.reduce((sum, piece) => sum + piece.area, 0);
  return {
    name: stage.name,
    measured: stage.measured,
    startUs,
    endUs: startUs + stage.durationMs * 1000,
    // The sum of many areas may be a hair off the whole number that it stands for.
    count: Math.round(area + 1e-6),
    firstIndex,
    peakPerSecond: Math.max(...pieces.map((piece) => Math.max(piece.from, piece.to))) * 1e6,
    pieces,
    area,
  };
}

function piecesOf(stage: Stage, startUs: number): Piece[] {
  const rates = ratesOf(stage);
  const durationUs = (stage.durationMs * 1000) / rates.length;
  const pieces: Piece[] = [];
  let before = 0;
  for (const [index, [fromPerSecond, toPerSecond]] of rates.entries()) {
    const from = fromPerSecond / 1e6;
    const to = toPerSecond / 1e6;
    const area = ((from + to) / 2) * durationUs;
    pieces.push({ startUs: startUs + index * durationUs, durationUs, from, to, before, area });
    before += area;
  }
  return pieces;
}

/** Rates at both ends of equally long pieces. */
function ratesOf(stage: Stage): [number, number][] {
  const { fromPerSecond: from, toPerSecond: to } = stage;
  const count = Math.max(1, Math.floor(stage.count));
  switch (stage.shape) {
    case 'constant':
      return [[from, from]];
    case 'ramp':
      return [[from, to]];
    case 'step':
      return Array.from({ length: count }, (_, index) => {
        const rate = count === 1 ? to : from + ((to - from) * index) / (count - 1);
        return [rate, rate];
      });
    case 'burst':
      // Base, burst, base, ... base: what a burst left behind is seen to be worked off.
      return Array.from({ length: 2 * count + 1 }, (_, index) => {
        const rate = index % 2 === 1 ? to : from;
        return [rate, rate];
      });
  }
}
