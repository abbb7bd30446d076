/** Resolves `deployment.endpoints`: shapes, defaults, and who sends to whom. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { controlEndpoint } from '../engine/upkeep.js';
import { amount, type Findings } from './findings.js';
import { bridgedBy, mainIsland } from './islands.js';
import { didYouMean } from './nearest.js';
import type { PathSegment } from './problems.js';
import type { RawDeployment, RawEndpoint, RawShape } from './raw.js';
import type { EndpointProfile } from './types.js';

/** The receiver behind the last hop; no endpoint may have its name. */
export const sink = 'sink';

const listPath = ['deployment', 'endpoints'] as const;

/** The endpoints in order. `file` is the profile's own path: handlers are relative to it. */
export function resolveEndpoints(
  deployment: RawDeployment,
  file: string,
  findings: Findings,
): readonly EndpointProfile[] {
  const written = isList(deployment.endpoints)
    ? deployment.endpoints
    : expandShape(deployment.endpoints);
  const endpoints = written.map(
    (endpoint, index): EndpointProfile => ({
      name: endpoint.name,
      protocol: endpoint.protocol ?? deployment.protocol,
      island: endpoint.island,
      bridge: endpoint.bridgeTo === undefined ? null : { to: endpoint.bridgeTo, by: 'id' },
      sendsTo: asList(endpoint.sendsTo),
      concurrency: endpoint.concurrency ?? deployment.concurrency,
      handlers: resolveHandlers(endpoint, [...listPath, index], file, findings),
      failing: endpoint.failing.map(({ share, error }) => ({
        share: amount('share', share),
        error,
      })),
    }),
  );
  checkNames(endpoints, findings);
  checkReceivers(endpoints, findings);
  checkFailing(endpoints, findings);
  checkCycles(endpoints, findings);
  checkIslands(deployment, endpoints, findings);
  return endpoints.map((endpoint) => withWay(endpoint, endpoints));
}

/** What a bridge does follows from its receivers: known once all endpoints are. */
function withWay(endpoint: EndpointProfile, all: readonly EndpointProfile[]): EndpointProfile {
  if (!endpoint.bridge) return endpoint;
  const receivers = all.filter(({ name }) => endpoint.sendsTo.includes(name));
  return { ...endpoint, bridge: { ...endpoint.bridge, by: bridgedBy(receivers) ?? 'id' } };
}

function checkIslands(
  { islands }: RawDeployment,
  endpoints: readonly EndpointProfile[],
  findings: Findings,
): void {
  const names = [mainIsland, ...islands.map(({ name }) => name)];
  names.forEach((name, at) => {
    if (names.indexOf(name) === at) return;
    const path = ['deployment', 'islands', at - 1, 'name'];
    findings.refuse(path, `there are two islands named "${name}"`);
  });
  for (const [index, endpoint] of endpoints.entries()) {
    const check = (key: 'island' | 'bridgeTo', name: string) => {
      if (names.includes(name)) return;
      const message = `there is no island "${name}"${didYouMean(name, names)}`;
      findings.refuse([...listPath, index, key], message);
    };
    check('island', endpoint.island);
    if (!endpoint.bridge) continue;
    check('bridgeTo', endpoint.bridge.to);
    checkBridge(endpoint, endpoints, [...listPath, index], findings);
  }
}

function checkBridge(
  bridge: EndpointProfile,
  all: readonly EndpointProfile[],
  path: readonly PathSegment[],
  findings: Findings,
): void {
  const receivers = all.filter(({ name }) => bridge.sendsTo.includes(name));
  if (bridgedBy(receivers) !== null) return;
  const ways = receivers.map(({ name, protocol }) => `${name} (${protocol})`).join(', ');
  const message = `its receivers recognise duplicates in different ways: ${ways}; give each a bridge`;
  findings.refuse([...path, 'sendsTo'], message);
}

/** A name alone stands for a list of one. */
export function asList(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}

function isList(endpoints: RawDeployment['endpoints']): endpoints is readonly RawEndpoint[] {
  return Array.isArray(endpoints);
}

function expandShape({ chain, independent, fanOut }: RawShape): readonly RawEndpoint[] {
  if (fanOut !== undefined) {
    const names = numberedNames(fanOut + 1);
    return names.map((name, index) => bare(name, index === 0 ? names.slice(1) : [sink]));
  }
  const names = numberedNames(chain ?? independent ?? 0);
  if (independent !== undefined) return names.map((name) => bare(name, []));
  return names.map((name, index) => bare(name, [names[index + 1] ?? sink]));
}

function bare(name: string, sendsTo: readonly string[]): RawEndpoint {
  return { name, sendsTo, island: mainIsland, failing: [] };
}

function numberedNames(count: number): readonly string[] {
  const digits = Math.max(2, String(count).length);
  return Array.from(
    { length: count },
    (_, index) => `endpoint-${String(index + 1).padStart(digits, '0')}`,
  );
}

function resolveHandlers(
  { handlers }: RawEndpoint,
  path: readonly PathSegment[],
  profileFile: string,
  findings: Findings,
): EndpointProfile['handlers'] {
  if (handlers === undefined) return null;
  const separator = handlers.lastIndexOf('#');
  const file = resolve(dirname(profileFile), handlers.slice(0, separator));
  if (!existsSync(file)) findings.refuse([...path, 'handlers'], `there is no file ${file}`);
  return { file, export: handlers.slice(separator + 1) };
}

function checkNames(endpoints: readonly EndpointProfile[], findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, { name }] of endpoints.entries()) {
    const path = [...listPath, index, 'name'];
    if (name === sink)
      findings.refuse(path, '"sink" is what stands behind the last hop; rename it');
    if (name === controlEndpoint)
      findings.refuse(path, `"${name}" is where oncectl keeps its own records; rename it`);
    if (seen.has(name)) findings.refuse(path, `there are two endpoints named "${name}"`);
    seen.add(name);
  }
}

function checkReceivers(endpoints: readonly EndpointProfile[], findings: Findings): void {
  const names = [...endpoints.map(({ name }) => name), sink];
  for (const [index, { sendsTo }] of endpoints.entries()) {
    for (const receiver of sendsTo.filter((name) => !names.includes(name))) {
      const message = `there is no endpoint "${receiver}"${didYouMean(receiver, names)}`;
      findings.refuse([...listPath, index, 'sendsTo'], message);
    }
  }
}

function checkFailing(endpoints: readonly EndpointProfile[], findings: Findings): void {
  for (const [index, { failing, handlers }] of endpoints.entries()) {
    const path = [...listPath, index, 'failing'];
    const sum = failing.reduce((total, { share }) => total + share, 0);
    if (sum > 1 + 1e-9) findings.refuse(path, 'the shares are more than 100 % together');
    if (failing.length > 0 && handlers !== null) {
      findings.refuse(path, "only the bench's own handlers fail on purpose, not your own");
    }
  }
}

/** Own handlers may stop a cycle; the bench's own send on every message, for ever. */
function checkCycles(endpoints: readonly EndpointProfile[], findings: Findings): void {
  const benchOwn = new Map(
    endpoints.filter(({ handlers }) => handlers === null).map((one) => [one.name, one.sendsTo]),
  );
  const endless = new Map(benchOwn);
  let before: number;
  do {
    before = endless.size;
    for (const [name, receivers] of endless) {
      if (!receivers.some((receiver) => endless.has(receiver))) endless.delete(name);
    }
  } while (endless.size < before);
  const cycle = walkCycle(endless);
  if (cycle === null) return;
  const index = endpoints.findIndex(({ name }) => name === cycle.at(-1));
  const way = [...cycle, cycle[0]].join(' -> ');
  findings.refuse([...listPath, index, 'sendsTo'], `messages would go round for ever: ${way}`);
}

/** Every endpoint left sends to another one left, so that following the first must come round. */
function walkCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const walked: string[] = [];
  let current = graph.keys().next().value;
  while (current !== undefined) {
    const start = walked.indexOf(current);
    if (start !== -1) return walked.slice(start);
    walked.push(current);
    current = graph.get(current)?.find((receiver) => graph.has(receiver));
  }
  return null;
}
