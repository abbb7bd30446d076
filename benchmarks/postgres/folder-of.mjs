/** Folders of this repository, whichever folder a benchmark was started in. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const folderOf = (...path) => join(root, ...path);
