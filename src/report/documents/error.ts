/** What `--json` prints when a command fails. */

export interface ErrorData {
  /** `NOT_FOUND`; docs/errors.md lists them. */
  readonly code: string;
  /** Exit code of the process. */
  readonly exit: number;
  readonly message: string;
  /** What it is about: a file, an id, a flag. */
  readonly about: string | null;
  /** Whether the effect certainly did not take place, or may have. */
  readonly happened: 'no' | 'unknown';
  /** What to do. */
  readonly hint: string | null;
}

export interface ErrorDocument {
  readonly schema: 'oncectl/error/v1';
  readonly error: ErrorData;
}
