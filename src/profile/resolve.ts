/** From a profile in words to one in numbers; everything impossible becomes a problem. */
import { basename, extname } from 'node:path';
import { contractProblems } from './contract.js';
import { resolveDeployment } from './deployment.js';
import { resolveFaults } from './faults.js';
import { amount, type Findings } from './findings.js';
import type { RawProfile } from './raw.js';
import { resolveLoad } from './stages.js';
import { parseThreshold } from './thresholds.js';
import type { DeploymentProfile, LoadProfile, Profile, Threshold } from './types.js';

/** Resolves a profile that the schema has accepted. `file` is its absolute path. */
export function resolveProfile(raw: RawProfile, file: string, findings: Findings): Profile {
  const name = raw.name ?? nameFromFile(file);
  const deployment = resolveDeployment(raw.deployment, { file, name }, findings);
  const load = resolveLoad(raw.load, deployment.endpoints, findings);
  const profile: Profile = {
    name,
    description: raw.description,
    seed: raw.seed,
    audit: raw.audit === true || raw.audit === 'on',
    workers: raw.workers,
    deployment,
    load,
    faults: resolveFaults(
      raw.faults,
      {
        endpoints: deployment.endpoints,
        visibilityMs: deployment.visibilityMs,
        loadMs: load.stages.reduce((sum, { durationMs }) => sum + durationMs, 0),
      },
      findings,
    ),
    drain: { timeoutMs: amount('duration', raw.drain.timeout), mayLeave: raw.drain.mayLeave },
    thresholds: resolveThresholds(raw.thresholds, deployment, load, findings),
  };
  checkAudit(profile, findings);
  checkPairs(profile, raw, findings);
  return profile;
}

function nameFromFile(file: string): string {
  const name = basename(file, extname(file)).replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  return /^[A-Za-z0-9]/.test(name) ? name.slice(0, 63) : `profile${name}`.slice(0, 63);
}

/** A store that keeps nothing would make every message a lost one. */
function checkAudit({ audit, deployment }: Profile, findings: Findings): void {
  const { broker, business } = deployment;
  if (!audit || (broker !== 'noop' && business !== 'noop')) return;
  findings.refuse(['audit'], 'a noop backend keeps nothing that could be audited; say audit: off');
}

function checkPairs(profile: Profile, raw: RawProfile, findings: Findings): void {
  const names = profile.deployment.endpoints.map(({ name }) => name);
  for (const { consumer, message } of contractProblems(profile)) {
    const index = names.indexOf(consumer);
    const listed = Array.isArray(raw.deployment.endpoints);
    const own = ['deployment', 'endpoints', index, 'name'];
    findings.refuse(listed ? own : ['deployment', 'protocol'], message);
  }
}

function resolveThresholds(
  texts: readonly string[],
  deployment: DeploymentProfile,
  load: LoadProfile,
  findings: Findings,
): readonly Threshold[] {
  const names = {
    stages: load.stages.map(({ name }) => name),
    endpoints: deployment.endpoints.map(({ name }) => name),
  };
  return texts.flatMap((text, index) => {
    const parsed = parseThreshold(text, names);
    if ('threshold' in parsed) return [parsed.threshold];
    findings.refuse(['thresholds', index], parsed.refusal);
    return [];
  });
}
