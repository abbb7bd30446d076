/** Where the resolving steps put what they find wrong or strange. */
import { type PathSegment, type ProblemList, pathText } from './problems.js';
import { parseQuantity, type QuantityKind } from './quantities.js';
import { placeOf, type SourceNode } from './source.js';

/** A profile's tree with the problems and warnings found in it so far. */
export class Findings {
  readonly #root: SourceNode;
  readonly #problems: ProblemList;
  readonly warnings: string[] = [];

  constructor(root: SourceNode, problems: ProblemList) {
    this.#root = root;
    this.#problems = problems;
  }

  /** Nothing was refused so far: what follows from an earlier problem need not be told again. */
  get clean(): boolean {
    return this.#problems.empty;
  }

  refuse(path: readonly PathSegment[], message: string): void {
    this.#problems.add(placeOf(this.#root, path), path, message);
  }

  warn(path: readonly PathSegment[], message: string): void {
    this.warnings.push(`${placeOf(this.#root, path).text}: ${pathText(path)}: ${message}`);
  }
}

/** A quantity that the schema has already accepted, in its base unit. */
export function amount(kind: QuantityKind, text: string | number): number {
  return parseQuantity(kind, text) ?? 0;
}
