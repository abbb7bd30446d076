/** Renders what `oncectl deploy` and `oncectl doctor` found and did. */
import type { DeployStep } from '../deployment/deploy.js';
import type { DeployedFinding, DeployedResource } from '../deployment/provision.js';
import type { ResultOf } from './documents/table.js';
import { exitCode } from './exit-codes.js';
import { plural } from './format.js';

const words: Readonly<Record<DeployStep['action'], readonly [string, string]>> = {
  none: ['as it is', 'as it is'],
  make: ['would be made', 'made'],
  upgrade: ['would be upgraded', 'upgraded'],
  remove: ['would be removed', 'removed'],
};

/** The steps of `deploy up` and `deploy down`. */
export function deployResult(
  name: 'deploy.up' | 'deploy.down',
  steps: readonly DeployStep[],
): ResultOf<'deploy.up' | 'deploy.down'> {
  const rows = steps.map((step) => [
    step.name,
    step.kind,
    step.backend,
    step.island,
    step.state,
    words[step.action][step.done ? 1 : 0],
    step.detail,
  ]);
  const columns = ['name', 'kind', 'backend', 'island', 'was', 'now', 'note'];
  return {
    name,
    data: steps,
    table: { columns: columns.map((column) => ({ name: column })), rows, empty: 'nothing to do' },
  };
}

/** `deploy status`. */
export function resourcesResult(resources: readonly DeployedResource[]): ResultOf<'deploy.status'> {
  const rows = resources.map(({ name, kind, backend, island, state, detail }) => {
    return [name, kind, backend, island, state, detail];
  });
  const columns = ['name', 'kind', 'backend', 'island', 'state', 'note'];
  return {
    name: 'deploy.status',
    data: resources,
    table: { columns: columns.map((column) => ({ name: column })), rows, empty: 'nothing needed' },
  };
}

/** `doctor`; with `check`, what would break a protocol ends it with `findings`. */
export function doctorResult(
  findings: readonly DeployedFinding[],
  check: boolean,
): ResultOf<'doctor'> {
  const breaking = findings.filter(({ verdict }) => verdict === 'breaks').length;
  const rows = findings.map(({ verdict, what, detail, backend, island, hint }) => {
    return [verdict, what, detail, backend, island, hint];
  });
  const columns = ['verdict', 'what', 'found', 'backend', 'island', 'what to do'];
  const summary =
    breaking === 0
      ? `nothing here would break a protocol (${plural(findings.length, 'check')})`
      : `${plural(breaking, 'thing')} would break a protocol`;
  return {
    name: 'doctor',
    data: findings,
    text: `${summary}\n`,
    table: { columns: columns.map((column) => ({ name: column })), rows },
    ids: findings.filter(({ verdict }) => verdict !== 'ok').map(({ what }) => what),
    exitCode: check && breaking > 0 ? exitCode('findings') : 0,
  };
}
