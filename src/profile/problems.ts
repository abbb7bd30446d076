import { OncectlError } from '../engine/errors.js';

/** Where a value came from: a position in the file, or the `--set` that gave it. */
export interface Place {
  /** `my.yaml:12:5` or `--set load.rate=80/s`. */
  readonly text: string;
  /** Order in which problems are listed; flags come after everything in the file. */
  readonly offset: number;
}

/** One thing that is wrong with a profile. */
export interface Problem {
  /** `file:line:column`, or the flag. */
  readonly at: string;
  /** The offending key, such as `load.stages[2].duration`; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

/** A step of a path into a profile: a key or an index. */
export type PathSegment = string | number;

/** `load.stages[2].duration`, as messages and `--set` write it. */
export function pathText(path: readonly PathSegment[]): string {
  return path
    .map((segment, depth) => {
      if (typeof segment === 'number') return `[${segment}]`;
      return depth === 0 ? segment : `.${segment}`;
    })
    .join('');
}

/** A profile that cannot be understood. `message` lists every problem found, a line each. */
export class ProfileError extends OncectlError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[], cause?: unknown) {
    const [first] = problems;
    super('profile', listed(file, problems), {
      about: first?.at ?? file,
      hint: '`oncectl profile show classic` prints a complete example with comments',
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'ProfileError';
    this.problems = problems;
  }
}

function listed(file: string, problems: readonly Problem[]): string {
  const lines = problems.map(lineOf);
  if (lines.length === 1) return lines.join('');
  return [`${file}: ${lines.length} problems`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function lineOf({ at, key, message }: Problem): string {
  return key === '' ? `${at}: ${message}` : `${at}: ${key}: ${message}`;
}

/** Collects problems, so that all of them can be told at once. */
export class ProblemList {
  readonly #file: string;
  readonly #found: (Problem & { readonly offset: number })[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get empty(): boolean {
    return this.#found.length === 0;
  }

  add(place: Place, path: readonly PathSegment[] | string, message: string): void {
    const key = typeof path === 'string' ? path : pathText(path);
    if (this.#found.some((other) => other.at === place.text && other.key === key)) return;
    this.#found.push({ at: place.text, key, message, offset: place.offset });
  }

  /** Throws one `ProfileError` with everything found, in the order of the file. */
  throwIfAny(): void {
    if (this.empty) return;
    const inOrder = this.#found.toSorted((one, other) => one.offset - other.offset);
    throw new ProfileError(
      this.#file,
      inOrder.map(({ at, key, message }) => ({ at, key, message })),
    );
  }
}
