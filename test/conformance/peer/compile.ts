/** Makes a program of the tests runnable by Node, always from the present sources. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface Program {
  readonly path: string;
  remove(): Promise<void>;
}

/** Compiles the file and all it imports, without looking at types: `npm run check` does that. */
export async function compileProgram(source: string): Promise<Program> {
  // Inside `node_modules`, so that the program finds its packages and git does not find it.
  const outDir = await mkdtemp(join(root, 'node_modules', '.oncectl-test-'));
  await writeFile(join(outDir, 'package.json'), '{"type":"module"}');
  const compiled = ts.createProgram([source], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    verbatimModuleSyntax: true,
    types: [],
    noCheck: true,
    noLib: true,
    inlineSourceMap: true,
    rootDir: root,
    outDir,
  });
  compiled.emit();
  return {
    path: join(outDir, relative(root, source).replace(/ts$/, 'js')),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}
