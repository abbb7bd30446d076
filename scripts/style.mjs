/**
 * The house style that no linter knows: sizes of files and functions, no machine's paths and no
 * registry's name in the repository, a lockfile that works with any registry. Arguments: files to
 * check instead of everything under version control.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { missingEntries } from './complete-lockfile.mjs';
import { root } from './run.mjs';

const fileLimit = 500;
const fileQuestion = 350;
const functionLimit = 70;
const code = /\.(ts|tsx|js|mjs|cjs)$/;
const machinePath = new RegExp(
  `(^|[\\s"'\`(=:])/(${['root', 'work', 'home/\\w+', 'Users/\\w+'].join('|')})/`,
);
const registryHost = new RegExp(
  `\\b(${['registry', 'npm', 'artifactory', 'nexus'].join('|')})\\.[a-z0-9-]+\\.[a-z]{2,}`,
);

/**
 * Every breach in a file; `text` is the file's content.
 *
 * @returns {{ path: string, line: number, text: string, grave: boolean }[]}
 */
export function checkFile(path, text) {
  const found = /(^|\/)package-lock\.json$/.test(path) ? lockfile(text) : strangers(text);
  if (code.test(path)) found.push(...sizeOfFile(text), ...sizesOfFunctions(path, text));
  return found.map((breach) => ({ path, ...breach }));
}

function lockfile(text) {
  const resolved = text.split('\n').findIndex((line) => line.includes('"resolved"'));
  const missing = missingEntries(JSON.parse(text).packages).map(([path]) => path);
  const cure = 'run node scripts/complete-lockfile.mjs';
  return [
    ...(resolved === -1
      ? []
      : [{ line: resolved + 1, text: `a \`resolved\` address: ${cure}`, grave: true }]),
    ...missing.map((path) => ({ line: 1, text: `no entry ${path}: ${cure}`, grave: true })),
  ];
}

function strangers(text) {
  return text
    .split('\n')
    .flatMap((line, at) => [
      ...(machinePath.test(line)
        ? [{ line: at + 1, text: "a path of somebody's machine", grave: true }]
        : []),
      ...(registryHost.test(line)
        ? [{ line: at + 1, text: 'the name of a registry', grave: true }]
        : []),
    ]);
}

function sizeOfFile(text) {
  const lines = text.split('\n').length - 1;
  if (lines > fileLimit)
    return [{ line: 1, text: `${lines} lines: the limit is ${fileLimit}`, grave: true }];
  if (lines > fileQuestion)
    return [{ line: 1, text: `${lines} lines: one file or two?`, grave: false }];
  return [];
}

function sizesOfFunctions(path, text) {
  const found = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node) => {
    const lines = ts.isFunctionLike(node) && !isSuite(node) ? linesOf(file, node) : 0;
    if (lines > functionLimit) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({
        line: line + 1,
        text: `a function of ${lines} lines: the limit is ${functionLimit}`,
        grave: true,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The callback of `describe` groups tests; it is not a function that anyone reads as one. */
function isSuite(node) {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}

function linesOf(file, node) {
  const start = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
  return file.getLineAndCharacterOfPosition(node.getEnd()).line - start + 1;
}

/** Files under version control and new ones that are not ignored. */
function repositoryFiles() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ls-files failed: ${stderr}`);
  return stdout.split('\0').filter((path) => isText(path));
}

function isText(path) {
  const stat = path === '' ? undefined : statSync(join(root, path), { throwIfNoEntry: false });
  return stat?.isFile() === true && !/\.(png|jpg|gif|tgz|gz|bin|mdb)$/.test(path);
}

function main(paths) {
  const files = paths.length > 0 ? paths : repositoryFiles();
  const breaches = files.flatMap((path) => checkFile(path, readFileSync(join(root, path), 'utf8')));
  for (const { path, line, text, grave } of breaches) {
    process.stdout.write(`${path}:${line} ${grave ? 'error' : 'warning'}: ${text}\n`);
  }
  return breaches.some(({ grave }) => grave) ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = main(process.argv.slice(2));
}
