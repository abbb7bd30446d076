/** Keeps a schedule in a file. */
import { writeFile } from 'node:fs/promises';
import { OncectlError } from '../engine/errors.js';
import type { TraceFile } from './trace-file.js';

/** Replaces a file that is there. @throws OncectlError `usage` when it cannot be written */
export async function writeTrace(path: string, file: TraceFile): Promise<void> {
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`).catch((error: Error) => {
    throw new OncectlError('usage', `cannot be written: ${error.message}`, {
      about: path,
      hint: 'give another file',
    });
  });
}
