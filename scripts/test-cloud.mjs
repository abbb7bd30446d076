/**
 * `npm run test:cloud`: the conformance suite on a real AWS account, or on a LocalStack or the like, as
 * the AWS variables name it. Everything it makes is called `oncectl-test-…` and is removed again, but
 * not after a crash. It costs a few cents: some tens of thousands of requests. Arguments go to vitest.
 */
import { join } from 'node:path';
import { ready } from './ready.mjs';
import { root, runScript } from './run.mjs';

const telling = ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_ROLE_ARN', 'AWS_ENDPOINT_URL'];
const suites = ['sqs', 's3', 'dynamodb'].map((name) => `test/conformance/${name}.servers.test.ts`);

async function main() {
  if (!telling.some((name) => process.env[name])) {
    process.stderr.write(
      `test:cloud: say where: set one of ${telling.join(', ')}, and AWS_REGION\n`,
    );
    return 2;
  }
  process.env.ONCECTL_TEST_CLOUD = '1';
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--project', 'servers', ...suites, ...process.argv.slice(2)];
  return (await ready()) || (await runScript(vitest, args));
}

process.exitCode = await main();
