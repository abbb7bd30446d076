/** A server of one's own machine, as tests and `oncectl dev` see it. */

export type ServerName = 'postgres-18' | 'postgres-14' | 'sqs-s3' | 'dynamodb' | 'dynamodb-local';

/** Variables that make a client find the server. */
export type Environment = Readonly<Record<string, string>>;

/** With its parent the server ends too, however the parent ends; detached it lives until stopped. */
export type Lifetime = 'parent' | 'detached';

export interface ServerOptions {
  /** The server's own: its data and its log are kept here. Made when missing. */
  readonly folder: string;
  /** Any free one by default. */
  readonly port?: number | undefined;
  /** `parent` by default. */
  readonly lifetime?: Lifetime | undefined;
}

export interface RunningServer {
  readonly name: ServerName;
  readonly port: number;
  /** Changes with a restart. */
  readonly pid: number;
  readonly environment: Environment;
  /** Makes the process shut down in good order. */
  readonly cleanSignal: NodeJS.Signals;
  /** Whether a restart keeps the data; the port is always kept. */
  readonly keepsData: boolean;
  /**
   * Ends the server, `clean` by its own shutdown or `kill` by SIGKILL, and starts it again on the same
   * port. Resolves when it answers.
   */
  restart(how: 'clean' | 'kill'): Promise<void>;
  /** Ends the server cleanly; the data stays. Resolves when the process is gone. */
  stop(): Promise<void>;
}

/** How to start one kind of server: what differs between them. */
export interface ServerPlan {
  readonly name: ServerName;
  readonly folder: string;
  readonly keepsData: boolean;
  /** Port 0 when `tellsPort`: the server picks one and names it in its ready line. */
  command(port: number): ServerCommand;
  /** Matches what the server writes when it answers; group 1 is the port when it tells it. */
  readonly readyLine: RegExp;
  /** Matches what the server writes when it cannot start now but may a moment later, on any port. */
  readonly busyLine: RegExp | null;
  /** Whether port 0 may be given. Otherwise a free one is looked for, and another when it is taken. */
  readonly tellsPort: boolean;
  readonly cleanSignal: NodeJS.Signals;
  /** For a server whose parent is gone: as quick as it can without harm. */
  readonly orphanSignal: NodeJS.Signals;
  environment(port: number): Environment;
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to this process's own. */
  readonly env?: Environment;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}
