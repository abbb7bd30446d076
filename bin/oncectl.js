#!/usr/bin/env node
/** The executable, and the only catch: whatever is thrown ends here, rendered, with its exit code. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const compiled = new URL('../dist/src/report/', import.meta.url);
const argv = process.argv.slice(2);

process.stdout.on('error', endQuietlyWhenNobodyReads);
process.stderr.on('error', endQuietlyWhenNobodyReads);

if (argv[0] === '--version') {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  process.stdout.write(`oncectl ${version}\n`);
} else if (existsSync(new URL('command-line.js', compiled))) {
  process.on('uncaughtException', reportAndExit);
  process.on('unhandledRejection', reportAndExit);
  await main().catch(reportAndExit);
} else {
  tellThatNothingIsBuilt();
}

/** The renderer is not built either, so this one error is written by hand. */
function tellThatNothingIsBuilt() {
  const message = 'oncectl is not built yet';
  const hint = 'run npm run build';
  process.exitCode = 6;
  if (argv.includes('--json')) {
    const error = { code: 'UNREACHABLE', exit: 6, message, about: 'dist', happened: 'no', hint };
    process.stdout.write(`${JSON.stringify({ schema: 'oncectl/error/v1', error })}\n`);
  } else process.stderr.write(`error: ${message}\nwhere: dist\nhint:  ${hint}\n`);
}

async function main() {
  const { Config } = await import('@oclif/core/config');
  const { settings } = await import('@oclif/core/settings');
  const { readCommandLine } = await import(new URL('command-line.js', compiled));
  settings.enableAutoTranspile = false;
  const config = await Config.load({ root });
  const command = readCommandLine(argv, config.commandIDs);
  if (command.kind === 'run') await config.runCommand(command.id, [...command.argv]);
  else await showHelp(config, command.subject);
}

async function showHelp(config, subject) {
  const { loadHelpClass } = await import('@oclif/core/help');
  const Help = await loadHelpClass(config);
  await new Help(config, config.pjson.oclif.helpOptions).showHelp([...subject]);
}

/** A failed command may leave workers and timers behind, so the process ends here by itself. */
async function reportAndExit(thrown) {
  const { asReportedError } = await import(new URL('usage-error.js', compiled));
  const { renderError } = await import(new URL('render-error.js', compiled));
  const { wantsColor } = await import(new URL('output.js', compiled));
  const { wantsJson } = await import(new URL('command-line.js', compiled));
  const { isTTY, columns } = process.stderr;
  const color = wantsColor('auto', { isTTY: isTTY === true, columns, env: process.env });
  const options = { json: wantsJson(argv, process.env), color };
  const { exit, stdout, stderr } = renderError(asReportedError(thrown), options);
  await Promise.all([written(process.stdout, stdout), written(process.stderr, stderr)]);
  process.exit(exit);
}

/** Resolves when the text has left this process, or can no longer leave it. */
function written(stream, text) {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}

function endQuietlyWhenNobodyReads(error) {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
