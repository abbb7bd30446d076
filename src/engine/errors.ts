/**
 * Whether the effect of a failed operation certainly did not take place (`no`) or may have
 * (`unknown`). Retry, repair and verifier decide on this field alone (after Maelstrom's definite and
 * indefinite errors).
 */
export type Happened = 'no' | 'unknown';

/** Every kind of error oncectl raises. One file maps them to exit codes: `src/report/exit-codes.ts`. */
export type ErrorKind =
  | 'usage'
  | 'profile'
  | 'declined'
  | 'refused'
  | 'stale-plan'
  | 'not-found'
  | 'ambiguous'
  | 'unreachable'
  | 'denied'
  | 'disk-full'
  | 'map-full'
  | 'read-only'
  | 'format'
  | 'timeout'
  | 'conflict'
  | 'too-large'
  | 'invalid-message'
  | 'handler'
  | 'generator-behind'
  | 'worker-lost'
  | 'aborted'
  | 'partial'
  | 'bug';

export interface ErrorDetails {
  /** What the error was about: a file and line, a flag, an endpoint, a store. */
  readonly about?: string;
  readonly happened?: Happened;
  /** What the reader can do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class that crosses a module's border. Vendor errors are named before they get here. */
export class OncectlError extends Error {
  readonly kind: ErrorKind;
  readonly about: string | undefined;
  readonly happened: Happened;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'OncectlError';
    this.kind = kind;
    this.about = details.about;
    this.happened = details.happened ?? 'no';
    this.hint = details.hint;
  }
}

/** A conditional write whose condition did not hold: certainly not done, retried from step 1. */
export class Conflict extends OncectlError {
  constructor(about: string) {
    super('conflict', `a conditional write lost the race: ${about}`, { about, happened: 'no' });
    this.name = 'Conflict';
  }
}

/** Turns anything thrown into an `OncectlError`; what nobody foresaw is a bug whose effect is unknown. */
export function asOncectlError(thrown: unknown): OncectlError {
  if (thrown instanceof OncectlError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OncectlError('bug', message, { happened: 'unknown', cause: thrown });
}
