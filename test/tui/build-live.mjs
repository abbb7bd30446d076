/**
 * Compiles the live view and what it imports, file by file and without type checks, so that its
 * tests need no full build. Prints the folder that holds `live.js`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Below node_modules, so that ink is found from it. */
const target = join(root, 'node_modules', '.cache', 'oncectl-live-view');

const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  jsx: ts.JsxEmit.ReactJSX,
  verbatimModuleSyntax: true,
};

/** Returns the folder with the compiled `live.js`. */
export function buildLiveView() {
  const waiting = [join(root, 'src', 'tui', 'live.ts')];
  const seen = new Set(waiting);
  for (const file of waiting) {
    for (const imported of compile(file)) {
      if (!seen.has(imported)) waiting.push(imported);
      seen.add(imported);
    }
  }
  return join(target, 'src', 'tui');
}

/** Writes the file's JavaScript; returns the sources that it needs at run time. */
function compile(file) {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions });
  const output = join(target, relative(root, file).replace(/\.tsx?$/, '.js'));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, outputText);
  return ts
    .preProcessFile(outputText)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => sourceOf(resolve(dirname(file), fileName)));
}

function sourceOf(compiled) {
  const stem = compiled.replace(/\.js$/, '');
  return existsSync(`${stem}.tsx`) ? `${stem}.tsx` : `${stem}.ts`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${buildLiveView()}\n`);
}
