/**
 * Adds up what the tests and the checks of `.ci/run` left behind and prints `N passed, N failed`. A
 * report that is missing counts as a failure: whoever should have written it died.
 */
import { readFileSync } from 'node:fs';

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** vitest's report. A file that failed before its first test counts as one failure. */
function tests(report) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + broken;
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed };
}

function checks(report) {
  return report ?? { passed: 0, failed: 1 };
}

const [testsFile = '', checkFile = ''] = process.argv.slice(2);
const counts = [tests(read(testsFile)), checks(read(checkFile))];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
