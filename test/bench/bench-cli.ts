/** Runs `oncectl bench` as a user does, in a folder of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '../../src/bench/result.js';

const executable = fileURLToPath(new URL('../../bin/oncectl.js', import.meta.url));

/** A folder with profiles in it, and `runs` under it. */
export class BenchFolder {
  private constructor(readonly path: string) {}

  static async create(): Promise<BenchFolder> {
    return new BenchFolder(await mkdtemp(join(tmpdir(), 'oncectl-bench-')));
  }

  get runs(): string {
    return join(this.path, 'runs');
  }

  /** Writes a file; what is no text is written as JSON, which is YAML too. */
  async write(name: string, content: unknown): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  /** Folders of the runs, oldest first. */
  async runFolders(): Promise<string[]> {
    const names = await readdir(this.runs).catch(() => []);
    return names.sort().map((name) => join(this.runs, name));
  }

  /** The result of the newest run. */
  async lastResult(): Promise<BenchResult> {
    return resultIn((await this.runFolders()).at(-1) ?? this.runs);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function resultIn(runFolder: string): BenchResult {
  return JSON.parse(readFileSync(join(runFolder, 'result.json'), 'utf8')) as BenchResult;
}

export interface StreamLine {
  readonly schema: string;
  readonly seq: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** The command while it runs. */
export class RunningCli {
  stdout = '';
  stderr = '';
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcess;

  constructor(folder: BenchFolder, args: readonly string[]) {
    const startedAt = performance.now();
    this.#child = spawn(process.execPath, [executable, ...args], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.finished = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        const { stdout, stderr } = this;
        resolve({ code, signal, stdout, stderr, elapsedMs: performance.now() - startedAt });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The lines of `--json` so far that are whole. */
  lines(): StreamLine[] {
    return linesOf(this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1));
  }
}

/** Parses NDJSON; throws on a line that is none. */
export function linesOf(text: string): StreamLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as StreamLine);
}

export function runBench(folder: BenchFolder, ...args: string[]): Promise<Finished> {
  return new RunningCli(folder, ['bench', ...args]).finished;
}
