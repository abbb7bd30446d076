/** Renders how a deployment is: a sentence, then a row for each endpoint. */
import type {
  DeploymentStatus,
  EndpointStatus,
  StatusQuery,
  WorkerStatus,
} from '../operate/status/status.js';
import type { UnfinishedAction } from '../operate/status/unfinished.js';
import type { WatchedStatus } from '../operate/status/watch.js';
import { ageCell, clockTime } from './ages.js';
import type { StatusData } from './documents/status.js';
import type { ResultOf } from './documents/table.js';
import { exitCode } from './exit-codes.js';
import { formatCount, formatDuration, formatMs, formatRate, plural } from './format.js';
import type { Cell } from './output.js';

const endpointsNamed = 3;
const workersNamed = 5;
const errorColumns = 40;
const careStates = new Set(['stuck', 'dead', 'late']);

/** `status`. With `check` it exits 10 when something needs care. */
export function statusResult(
  name: string,
  status: DeploymentStatus,
  query: StatusQuery,
  check: boolean,
): ResultOf<'status'> {
  const verdict = verdictOf(status);
  return {
    name: 'status',
    data: statusData(status),
    about: { deployment: name, query, coverage: status.coverage },
    text: `${[verdict, ...factLines(status)].join('\n')}\n`,
    table: {
      columns: [
        { name: 'endpoint' },
        { name: 'in/s', align: 'right' },
        { name: 'backlog', align: 'right' },
        { name: 'oldest', align: 'right' },
        { name: 'p99', align: 'right' },
        { name: 'stuck', align: 'right' },
        { name: 'dead', align: 'right' },
        { name: 'state' },
        { name: 'last error' },
      ],
      rows: status.endpoints.map((endpoint) => rowOf(endpoint, status.at)),
    },
    ids: status.endpoints.map(({ endpoint }) => endpoint),
    warnings: coverageLines(status),
    exitCode: check && needsCare(status) ? exitCode('findings') : 0,
  };
}

/** What `--json` carries, also as an event of `--watch`. */
export function statusData(status: DeploymentStatus): StatusData {
  const { endpoints, workers, unfinished, run } = status;
  const verdict = verdictOf(status);
  return { verdict, needsCare: needsCare(status), endpoints, workers, unfinished, run };
}

function needsCare({ endpoints, unfinished }: DeploymentStatus): boolean {
  return unfinished.length > 0 || endpoints.some(({ state }) => careStates.has(state));
}

/** How it is, in one sentence. */
export function verdictOf({ endpoints, unfinished, at }: DeploymentStatus): string {
  const troubled = endpoints.filter(({ state }) => careStates.has(state));
  const cut =
    unfinished.length === 0
      ? ''
      : `${plural(unfinished.length, 'action has', 'actions have')} no result`;
  if (troubled.length === 0) {
    const well =
      endpoints.length === 1
        ? 'the endpoint is well'
        : `all ${endpoints.length} endpoints are well`;
    return cut === '' ? well : `${well}, but ${cut}`;
  }
  const named = troubled
    .slice(0, endpointsNamed)
    .map((one) => `${one.endpoint}, ${troublesOf(one, at).join(', ')}`);
  const more = troubled.length - named.length;
  const all = [...named, ...(more > 0 ? [`and ${more} more`] : []), ...(cut === '' ? [] : [cut])];
  const need =
    troubled.length === 1 ? '1 endpoint needs you' : `${troubled.length} endpoints need you`;
  return `${need}: ${all.join('; ')}`;
}

function troublesOf(endpoint: EndpointStatus, now: number): string[] {
  const { stuck, oldestStuckAt, dead, state, oldestAt, workers } = endpoint;
  const troubles: string[] = [];
  if (stuck.count > 0) {
    const age = oldestStuckAt === null ? '' : ` (oldest ${formatDuration(now - oldestStuckAt)})`;
    troubles.push(`${stuckText(endpoint)} stuck${age}`);
  }
  if (dead > 0) troubles.push(`${formatCount(dead)} dead`);
  if (state === 'late' && typeof oldestAt === 'number') {
    const nobody = workers === 0 ? ', and no worker is alive' : '';
    troubles.push(`its oldest message waits for ${formatDuration(now - oldestAt)}${nobody}`);
  }
  return troubles;
}

function stuckText({ stuck: { count, exact } }: EndpointStatus): string {
  return `${exact ? '' : '>='}${formatCount(count)}`;
}

function factLines({ endpoints, workers, unfinished, run, at }: DeploymentStatus): string[] {
  const paused = endpoints.filter(({ pause }) => pause !== null);
  return [
    ...(workers === null ? [] : [workersText(workers, at)]),
    ...(run === null
      ? []
      : [
          `the run handles ${formatRate(run.handledPerSecond)}/s` +
            `${run.hopP99 === null ? '' : `, hop p99 ${formatMs(run.hopP99)} ms`}`,
        ]),
    ...paused.map(({ endpoint, pause }) => {
      const why = pause?.reason ? `: ${pause.reason}` : '';
      return `paused: ${endpoint}, by ${pause?.by} since ${clockTime(pause?.since ?? 0, at)}${why}`;
    }),
    ...unfinished.map((action) => unfinishedText(action, at)),
  ];
}

function workersText(workers: readonly WorkerStatus[], now: number): string {
  const alive = workers.filter((worker) => worker.alive);
  const silent = workers.filter((worker) => !worker.alive);
  const there =
    alive.length === 0
      ? 'no worker is alive'
      : `${plural(alive.length, 'worker')} alive (${namesOf(alive)})`;
  const gone = silent.map(({ name, at }) => `${name} silent for ${formatDuration(now - at)}`);
  return [there, ...gone].join('; ');
}

function namesOf(workers: readonly WorkerStatus[]): string {
  const names = workers.slice(0, workersNamed).map(({ name }) => name);
  return [...names, ...(workers.length > workersNamed ? ['...'] : [])].join(', ');
}

function unfinishedText({ id, action, about, by, begunAt, planId }: UnfinishedAction, now: number) {
  const what = `no result: ${action} (${about}) by ${by}, begun ${formatDuration(now - begunAt)} ago`;
  const next = planId === null ? 'do it again' : 'oncectl apply PLAN --resume goes on';
  return `${what}, log entry ${id}; if it is not at work still, ${next}`;
}

function rowOf(status: EndpointStatus, now: number): readonly Cell[] {
  const { endpoint, perSecond, backlog, oldestAt, p99, stuck, dead, state, lastError } = status;
  return [
    endpoint,
    perSecond === null ? null : { shown: formatRate(perSecond), exact: perSecond },
    { shown: formatCount(backlog), exact: backlog },
    oldestAt === 'unknown' ? '?' : ageCell(oldestAt, now),
    p99 === null ? null : { shown: `${formatMs(p99)} ms`, exact: p99 },
    { shown: stuckText(status), exact: stuck.count },
    { shown: formatCount(dead), exact: dead },
    state,
    lastError === null ? null : { shown: shortened(lastError.text), exact: lastError.text },
  ];
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > errorColumns ? `${line.slice(0, errorColumns - 1)}…` : line;
}

/** Endpoints of which the same is to be said share a line. */
function coverageLines({ coverage, endpoints }: DeploymentStatus): string[] {
  const reasons = new Map<string, string[]>();
  for (const { endpoint, why } of coverage) {
    reasons.set(why ?? '', [...(reasons.get(why ?? '') ?? []), endpoint]);
  }
  return [...reasons].map(([why, names]) => {
    const who = names.length === endpoints.length ? 'all endpoints' : names.join(', ');
    return `${who}: ${why}`;
  });
}

/** A frame of `--watch`: what is old says so above everything else. */
export function staleLine({ status, trouble }: WatchedStatus, now: number): string | null {
  if (trouble === null) return null;
  const age = formatDuration(now - status.at);
  return `STALE, as of ${age} ago; it is tried again: ${trouble.message}`;
}
