/**
 * Starts a server by its plan and waits until it says that it answers: its own words in its own log, so
 * that nobody else on the port is taken for it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OncectlError } from '../engine/errors.js';
import { freePort } from './free-port.js';
import { guard } from './guard.js';
import { end, isRunning, markOf, type ProcessMark } from './process.js';
import type { Environment, RunningServer, ServerOptions, ServerPlan } from './server.js';

const startsWithinMs = 60_000;
const askedEveryMs = 10;
const triesOfPorts = 5;
const portTaken = /EADDRINUSE|address already in use|could not bind/i;
const grave = /\b(FATAL|PANIC)\b|\w*(Error|Exception)\b/;

/** Starts the server; resolves when it answers. Rejects as `unreachable`, with the end of its log. */
export async function launch(plan: ServerPlan, options: ServerOptions): Promise<RunningServer> {
  mkdirSync(plan.folder, { recursive: true });
  const server = new Launched(plan, options);
  await server.start();
  return server;
}

/** The file that everything a server says goes to, from its last start on. */
const logFile = (folder: string): string => join(folder, 'server.log');

class Launched implements RunningServer {
  readonly #plan: ServerPlan;
  readonly #options: ServerOptions;
  #port = 0;
  #mark: ProcessMark = { pid: 0, started: null };
  #guard: ChildProcess | null = null;

  constructor(plan: ServerPlan, options: ServerOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  get name(): RunningServer['name'] {
    return this.#plan.name;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#mark.pid;
  }

  get cleanSignal(): NodeJS.Signals {
    return this.#plan.cleanSignal;
  }

  get keepsData(): boolean {
    return this.#plan.keepsData;
  }

  get environment(): Environment {
    return this.#plan.environment(this.#port);
  }

  async start(): Promise<void> {
    await this.#startOn(this.#options.port ?? null, false);
  }

  async restart(how: 'clean' | 'kill'): Promise<void> {
    await this.#end(how === 'kill' ? 'SIGKILL' : this.#plan.cleanSignal);
    await this.#startOn(this.#port, true);
  }

  async stop(): Promise<void> {
    await this.#end(this.#plan.cleanSignal);
  }

  /**
   * Tries until the server answers: with another port when a free one was taken meanwhile, and again
   * when what stands in the way will go. `wasOurs`: a connection of somebody may have taken the port
   * as its own end while the server was away.
   */
  async #startOn(port: number | null, wasOurs: boolean): Promise<void> {
    const until = Date.now() + startsWithinMs;
    for (let tries = 1; ; tries++) {
      const wanted = port ?? (this.#plan.tellsPort ? 0 : await freePort());
      const { port: answers, said } = await this.#attempt(wanted, until);
      if (answers !== null) {
        this.#port = answers;
        return;
      }
      const taken = portTaken.test(said);
      const elsewhere = taken && port === null && tries < triesOfPorts;
      const later = (taken && wasOurs) || this.#plan.busyLine?.test(said) === true;
      if (!elsewhere && (!later || Date.now() >= until)) throw failed(this.#plan, wanted, said);
      await delay(askedEveryMs);
    }
  }

  async #attempt(port: number, until: number): Promise<{ port: number | null; said: string }> {
    this.#mark = markOf(this.#spawn(port));
    if (this.#options.lifetime !== 'detached')
      this.#guard = guard(this.#mark, this.#plan.orphanSignal);
    for (;;) {
      // Asked before reading: what a process said before its end is then read.
      const running = isRunning(this.#mark);
      const said = readFileSync(logFile(this.#plan.folder), 'utf8');
      const ready = this.#plan.readyLine.exec(said);
      if (ready) return { port: Number(ready[1] ?? port), said };
      if (running && Date.now() < until) await delay(askedEveryMs);
      else {
        await this.#end('SIGKILL');
        return { port: null, said };
      }
    }
  }

  /** In a group of its own: an interrupt of the terminal is for its parent to handle. */
  #spawn(port: number): number {
    const { file, args, env, user } = this.#plan.command(port);
    writeFileSync(logFile(this.#plan.folder), '');
    const log = openSync(logFile(this.#plan.folder), 'a');
    const child = spawn(file, args, {
      cwd: this.#plan.folder,
      // Options that are meant for this Node may be wrong for the server's.
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', log, log],
      detached: true,
      ...user,
    });
    closeSync(log);
    child.on('error', () => {});
    child.unref();
    if (child.pid === undefined) throw failed(this.#plan, port, `cannot run ${file}`);
    return child.pid;
  }

  async #end(how: NodeJS.Signals): Promise<void> {
    await end(this.#mark, how);
    this.#guard?.kill('SIGKILL');
    this.#guard = null;
  }
}

function failed({ name, folder }: ServerPlan, port: number, said: string): OncectlError {
  const where = port === 0 ? '' : ` on port ${port}`;
  return new OncectlError('unreachable', `${name} did not start${where}: ${reasonIn(said)}`, {
    about: logFile(folder),
  });
}

/** The line that tells why; servers go on with hints and farewells. */
function reasonIn(said: string): string {
  const lines = said.trim().split('\n');
  const cause =
    lines.find((line) => portTaken.test(line)) ?? lines.find((line) => grave.test(line));
  return (cause ?? lines.at(-1) ?? '').trim() || 'it did not say why';
}
