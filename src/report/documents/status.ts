/** What `status` says of a deployment. */
import type { DeploymentStatus } from '../../operate/status/status.js';

export interface StatusData
  extends Pick<DeploymentStatus, 'endpoints' | 'workers' | 'unfinished' | 'run'> {
  /** How it is, in one sentence. */
  readonly verdict: string;
  /** `--check` exits 10. */
  readonly needsCare: boolean;
}

/** The deployment could not be looked at just now; it is tried again. */
export interface StaleStatus {
  readonly message: string;
  /** When it was last looked at, ISO 8601. */
  readonly asOf: string;
}
