/** From a profile in words to one in numbers; everything impossible becomes a problem. */
import { basename, extname } from 'node:path';
import { contractProblems } from './contract.js';
import { resolveEndpoints } from './endpoints.js';
import { resolveFaults } from './faults.js';
import { amount, type Findings } from './findings.js';
import type { RawDeployment, RawProfile } from './raw.js';
import { resolveLoad } from './stages.js';
import { parseThreshold } from './thresholds.js';
import type { BackendName, DeploymentProfile, LoadProfile, Profile, Threshold } from './types.js';

/** Backends that keep queue and data in one database, with transactions over both. */
const islands: ReadonlySet<BackendName> = new Set(['embedded']);

/** Resolves a profile that the schema has accepted. `file` is its absolute path. */
export function resolveProfile(raw: RawProfile, file: string, findings: Findings): Profile {
  const deployment = resolveDeployment(raw.deployment, file, findings);
  const load = resolveLoad(raw.load, deployment.endpoints, findings);
  const profile: Profile = {
    name: raw.name ?? nameFromFile(file),
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

function resolveDeployment(
  raw: RawDeployment,
  file: string,
  findings: Findings,
): DeploymentProfile {
  const deployment: DeploymentProfile = {
    protocol: raw.protocol,
    broker: raw.broker ?? raw.backend,
    business: raw.business ?? raw.backend,
    dedupe: raw.dedupe ?? raw.backend,
    payload: raw.payload ?? raw.backend,
    control: raw.control,
    endpoints: resolveEndpoints(raw, file, findings),
    visibilityMs: amount('duration', raw.visibility),
    retentionMs: amount('duration', raw.retention),
    maxAttempts: raw.maxAttempts,
    backoffMs: amount('duration', raw.backoff),
    embedded: {
      gatherMs: amount('duration', raw.embedded.gather),
      mapSizeBytes: amount('size', raw.embedded.mapSize),
    },
  };
  checkIsland(deployment, findings);
  checkMix(raw, deployment, findings);
  checkRetention(deployment, findings);
  return deployment;
}

function checkIsland(deployment: DeploymentProfile, findings: Findings): void {
  const { broker, business, endpoints } = deployment;
  if (broker === business && islands.has(broker)) return;
  for (const [index, { protocol }] of endpoints.entries()) {
    if (protocol !== 'local-transaction') continue;
    const own = ['deployment', 'endpoints', index, 'protocol'];
    const path = deployment.protocol === protocol ? ['deployment', 'protocol'] : own;
    const stores = broker === business ? `${broker} has no transactions` : `${broker}, ${business}`;
    const message = 'local-transaction needs queue and data in one database';
    findings.refuse(path, `${message}, and broker and business are not (${stores})`);
  }
}

/** A store that is silently not the one asked for would be worse than none. */
function checkMix(raw: RawDeployment, deployment: DeploymentProfile, findings: Findings): void {
  if (!findings.clean) return;
  for (const port of ['broker', 'business', 'dedupe', 'payload'] as const) {
    if (raw[port] === undefined || deployment[port] === raw.backend) continue;
    const message = `this version has all four stores on one backend, here ${raw.backend}`;
    findings.refuse(['deployment', port], message);
  }
}

function checkRetention(deployment: DeploymentProfile, findings: Findings): void {
  if (deployment.retentionMs > deployment.visibilityMs) return;
  const message = 'is not longer than the visibility: a redelivered message would be handled again';
  findings.warn(['deployment', 'retention'], message);
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
