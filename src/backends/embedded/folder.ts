/** The folder of an embedded deployment and its format mark, `oncectl.json`. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { OncectlError } from '../../engine/errors.js';
import { openingMark } from './gate.js';
import { storageError } from './storage-error.js';

/** `separate`: an environment per store. `island`: queue and data in one, for local transactions. */
export type Layout = 'separate' | 'island';

/**
 * Raised when an older oncectl could no longer read what this one writes. 2: a queued copy and an entry
 * are arrays of parts, no longer one map. 3: what is unfinished is listed in a table of its own.
 */
const formatVersion = 3;

interface Mark {
  readonly format: 'oncectl/embedded';
  readonly version: number;
  readonly layout: Layout;
}

/**
 * Creates the folder or checks that it is one of ours, of this version and layout. Errors: `format`
 * for a foreign folder, another version or another layout; `read-only`; `disk-full`. Changes nothing
 * in a folder that it refuses.
 */
export function prepareFolder(folder: string, layout: Layout): void {
  try {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'oncectl.json');
    if (existsSync(path)) checkMark(path, layout);
    else writeMark(folder, path, layout);
  } catch (error) {
    throw storageError(error, folder, 'no');
  }
}

function writeMark(folder: string, path: string, layout: Layout): void {
  const foreign = readdirSync(folder).filter((name) => !isOurs(name));
  if (foreign.length > 0) {
    throw new OncectlError(
      'format',
      'this folder holds files that are not an embedded deployment',
      {
        about: join(folder, foreign[0] ?? ''),
        hint: 'choose an empty folder',
      },
    );
  }
  const mark: Mark = { format: 'oncectl/embedded', version: formatVersion, layout };
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(mark)}\n`, { flush: true } as object);
  renameSync(draft, path);
}

/** Files that a second process, opening the same new folder at the same time, may have made. */
function isOurs(name: string): boolean {
  return (
    name === 'wake' ||
    name === openingMark ||
    /^oncectl\.json(\.\d+\.tmp)?$/.test(name) ||
    /\.mdb(-lock)?$/.test(name)
  );
}

/**
 * Checks that the folder is an embedded deployment of this version, and of this layout unless it is
 * null. Rejects with kind `format`.
 */
export function checkFolder(folder: string, layout: Layout | null): void {
  checkMark(join(folder, 'oncectl.json'), layout);
}

function checkMark(path: string, layout: Layout | null): void {
  const mark = readMark(path);
  if (mark.version > formatVersion) {
    throw new OncectlError(
      'format',
      `written by a newer oncectl: format ${mark.version}, this one reads ${formatVersion}`,
      { about: path, hint: 'use the newer oncectl for this deployment' },
    );
  }
  if (mark.version < formatVersion) {
    throw new OncectlError(
      'format',
      `written by an older oncectl: format ${mark.version}, this one reads ${formatVersion}`,
      { about: path, hint: 'finish with the older oncectl, or choose another folder' },
    );
  }
  if (layout !== null && mark.layout !== layout) {
    throw new OncectlError('format', `a deployment of layout ${mark.layout}, not ${layout}`, {
      about: path,
      hint: 'local-transaction needs its own folder; other protocols cannot share it',
    });
  }
}

function readMark(path: string): Mark {
  let mark: Partial<Mark>;
  try {
    mark = JSON.parse(readFileSync(path, 'utf8')) as Partial<Mark>;
  } catch (cause) {
    throw new OncectlError('format', 'the format mark cannot be read', { about: path, cause });
  }
  if (mark?.format !== 'oncectl/embedded' || typeof mark.version !== 'number') {
    throw new OncectlError('format', 'not the mark of an embedded deployment', { about: path });
  }
  return mark as Mark;
}
