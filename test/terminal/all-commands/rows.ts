/**
 * How every command is run: with something to tell, with nothing, and so that it fails. A line is what
 * stands behind `oncectl`, without `--json`; `{stuck}` and its like are ids of the prepared folder.
 */

export interface Case {
  readonly line: string;
  /** Name of the schema; of a stream with `.event`. */
  readonly schema: string;
  /** 0 if left out. */
  readonly exit?: number;
  /** It writes: it gets a folder of its own. */
  readonly writes?: true;
  /** It goes on until then. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly at: RegExp };
}

export interface Row {
  readonly data: readonly Case[];
  /** A text says why there is no such state. */
  readonly empty: readonly Case[] | string;
  readonly failing: readonly Case[];
}

const told = (line: string, schema: string, more: Partial<Case> = {}): Case => ({
  ...{ line, schema },
  ...more,
});
const wrote = (line: string, schema: string, more: Partial<Case> = {}) =>
  told(line, schema, { ...more, writes: true });
const fails = (line: string, exit: number) => told(line, 'error', { exit });

/** No command without its subject. */
const oneThing = 'it is about one thing, which is there or is not';
const always = 'there is always something to tell';
const nothing = 'nothing is looked for';

const eachSecond = { name: 'SIGINT', at: /"seq":2/ } as const;
const working = { name: 'SIGTERM', at: /Ctrl-C stops it/ } as const;

const operating: Readonly<Record<string, Row>> = {
  apply: {
    data: [wrote('apply p.json -p shop.yaml', 'apply')],
    empty: [wrote('apply none.json -p empty.yaml', 'apply')],
    failing: [fails('apply no.json -p shop.yaml', 5), fails('apply p.json -p empty.yaml', 8)],
  },
  inspect: {
    data: [
      told('inspect {stuck} -p shop.yaml', 'inspect'),
      told('inspect {dead} -p shop.yaml', 'inspect'),
      told('inspect {known} -p shop.yaml', 'inspect'),
      wrote('inspect {stuck} -p @last --as-trace t.json', 'inspect'),
      told('inspect {stuck} -p @last --tree', 'inspect.tree'),
      told('inspect {stuck} -p @last --at {moment}', 'inspect.at'),
      told('inspect {dead} -p shop.yaml --follow', 'inspect.event'),
    ],
    empty: oneThing,
    failing: [fails('inspect {dead} -p empty.yaml', 5), fails('inspect 01J -p shop.yaml', 2)],
  },
  log: {
    data: [told('log -p shop.yaml', 'log')],
    empty: [told('log -p empty.yaml', 'log')],
    failing: [fails('log -p shop.yaml --since soon', 2)],
  },
  restore: {
    data: [
      wrote('restore b.ndjson -p shop.yaml --yes', 'restore'),
      told('restore b.ndjson -p shop.yaml --dry-run', 'restore.plan'),
    ],
    empty: oneThing,
    failing: [
      fails('restore b.ndjson -p shop.yaml', 4),
      fails('restore no.ndjson -p shop.yaml', 5),
    ],
  },
  status: {
    data: [
      told('status -p shop.yaml', 'status'),
      told('status -p shop.yaml --check', 'status', { exit: 10 }),
      told('status -p shop.yaml --watch --interval 100ms', 'status.event', {
        ...{ signal: eachSecond, exit: 130 },
      }),
    ],
    empty: [told('status -p empty.yaml --check', 'status')],
    failing: [
      fails('status -p gone.yaml', 5),
      told('status -p down.yaml --watch', 'error', { exit: 6 }),
    ],
  },
  undo: {
    data: [
      wrote('undo {log} -p shop.yaml --yes', 'undo'),
      told('undo {log} -p shop.yaml --dry-run', 'undo.plan'),
    ],
    empty: oneThing,
    failing: [fails('undo 999 -p shop.yaml', 5)],
  },
  'endpoint:list': {
    data: [told('endpoint list -p shop.yaml', 'endpoint.list')],
    empty: always,
    failing: [fails('endpoint list -p gone.yaml', 5)],
  },
  'endpoint:pause': {
    data: [wrote('endpoint pause payments -p shop.yaml --reason "bad release"', 'endpoint.pause')],
    empty: oneThing,
    failing: [fails('endpoint pause payments -p shop.yaml --read-only', 4)],
  },
  'endpoint:resume': {
    data: [told('endpoint resume payments -p shop.yaml', 'endpoint.resume')],
    empty: oneThing,
    failing: [fails('endpoint resume paymants -p shop.yaml', 2)],
  },
  'plan:show': {
    data: [
      told('plan show p.json', 'plan.show'),
      told('plan show p.json -p shop.yaml', 'plan.show'),
    ],
    empty: [told('plan show none.json', 'plan.show')],
    failing: [fails('plan show shop.yaml', 6)],
  },
};

const outboxes: Readonly<Record<string, Row>> = {
  'outbox:list': {
    data: [told('outbox list -p @last --older 1ms', 'outbox.list')],
    empty: [told('outbox list -p empty.yaml', 'outbox.list')],
    failing: [
      fails('outbox list -p shop.yaml --older soon', 2),
      fails('outbox list -p shop.yaml --outbox legacy', 6),
      fails('outbox list -p shop.yaml --outbox other', 2),
    ],
  },
  'outbox:repair': {
    data: [
      told('outbox repair -p shop.yaml --older 1ms --include-held --dry-run', 'outbox.repair.plan'),
    ],
    empty: [told('outbox repair -p empty.yaml', 'outbox.repair.plan')],
    failing: [fails('outbox repair {stuck} -p shop.yaml --older 1ms --include-held', 4)],
  },
  'outbox:show': {
    data: [
      told('outbox show {stuck} -p shop.yaml', 'outbox.show'),
      told('outbox show {stuck} -p @last --body', 'outbox.show'),
    ],
    empty: oneThing,
    failing: [fails('outbox show {dead} -p shop.yaml', 5)],
  },
};

const deadLetters: Readonly<Record<string, Row>> = {
  'dead:discard': {
    data: [told('dead discard {dead} -p shop.yaml --dry-run', 'dead.discard.plan')],
    empty: [told('dead discard -p empty.yaml', 'dead.discard.plan')],
    failing: [fails('dead discard {dead} -p shop.yaml --read-only --yes', 4)],
  },
  'dead:edit': {
    data: [
      wrote(`dead edit {dead} -p shop.yaml --set-body '{"amount":12}' --yes`, 'dead.edit'),
      told('dead edit {dead} -p shop.yaml --body fixed.json --dry-run', 'dead.edit.plan'),
    ],
    empty: oneThing,
    failing: [fails('dead edit {dead} -p shop.yaml', 4)],
  },
  'dead:list': {
    data: [
      told('dead list -p shop.yaml', 'dead.list'),
      told('dead list -p shop.yaml --group', 'dead.groups'),
    ],
    empty: [
      told('dead list -p empty.yaml', 'dead.list'),
      told('dead list -p empty.yaml --group', 'dead.groups'),
    ],
    failing: [fails('dead list -p shop.yaml --endpoint paymants', 2)],
  },
  'dead:retry': {
    data: [
      wrote('dead retry {dead} {otherDead} -p shop.yaml --yes', 'dead.retry'),
      told('dead retry -p shop.yaml --group CardDeclined --dry-run', 'dead.retry.plan'),
    ],
    empty: [told('dead retry -p empty.yaml', 'dead.retry.plan')],
    failing: [fails('dead retry -p shop.yaml', 4)],
  },
  'dead:show': {
    data: [
      told('dead show {dead} -p shop.yaml', 'dead.show'),
      told('dead show {dead} -p @last --body', 'dead.show'),
    ],
    empty: oneThing,
    failing: [fails('dead show {stuck} -p shop.yaml', 5)],
  },
};

const duplicates: Readonly<Record<string, Row>> = {
  'dedupe:check': {
    data: [
      told('dedupe check {known} -p shop.yaml', 'dedupe.check'),
      told('dedupe check {stuck} -p shop.yaml', 'dedupe.check'),
    ],
    empty: oneThing,
    failing: [fails('dedupe check {known} -p empty.yaml', 5)],
  },
  'dedupe:list': {
    data: [told('dedupe list -p shop.yaml --limit 5', 'dedupe.list')],
    empty: [told('dedupe list -p empty.yaml', 'dedupe.list')],
    failing: [fails('dedupe list -p shop.yaml --older soon', 2)],
  },
  'dedupe:prune': {
    data: [
      wrote('dedupe prune -p shop.yaml --older 1ms --accept-duplicates --yes', 'dedupe.prune'),
      told(
        'dedupe prune -p shop.yaml --older 1ms --accept-duplicates --dry-run',
        'dedupe.prune.plan',
      ),
    ],
    empty: [told('dedupe prune -p empty.yaml', 'dedupe.prune.plan')],
    failing: [fails('dedupe prune -p shop.yaml --older 1ms --accept-duplicates', 4)],
  },
  'dedupe:show': {
    data: [told('dedupe show {known} -p shop.yaml', 'dedupe.show')],
    empty: oneThing,
    failing: [fails('dedupe show {known} -p empty.yaml', 5)],
  },
  'token:list': {
    data: [
      told('token list -p shop.yaml', 'token.list'),
      told('token list -p shop.yaml --quarantined', 'token.list'),
    ],
    empty: [
      told('token list -p empty.yaml', 'token.list'),
      told('token list -p empty.yaml --lost', 'token.lost'),
    ],
    failing: [fails('token list -p shop.yaml --endpoint paymants', 2)],
  },
  'token:restore': {
    data: [
      wrote('token restore {payload} -p shop.yaml --yes', 'token.restore'),
      told('token restore {payload} -p shop.yaml --dry-run', 'token.restore.plan'),
    ],
    empty: oneThing,
    failing: [fails('token restore {stuck} -p shop.yaml', 5)],
  },
  'token:sweep': {
    data: [
      told(
        'token sweep -p shop.yaml --delete-quarantined --quarantined-for 1ms --dry-run',
        'token.sweep.plan',
      ),
    ],
    empty: [told('token sweep -p empty.yaml', 'token.sweep.plan')],
    failing: [fails('token sweep -p shop.yaml --older soon', 2)],
  },
};

const local: Readonly<Record<string, Row>> = {
  doctor: {
    data: [told('doctor shop.yaml', 'doctor')],
    empty: always,
    failing: [fails('doctor no.yaml', 104)],
  },
  explain: {
    data: [told('explain', 'explain'), told('explain NOT_FOUND', 'explain')],
    empty: always,
    failing: [fails('explain 11', 5)],
  },
  schema: {
    data: [told('schema', 'schema.list'), told('schema profile', 'schema')],
    empty: always,
    failing: [fails('schema nonsense', 5)],
  },
  verify: {
    data: [
      told('verify token --crashes 0 --late 0 --copies 1', 'verify'),
      told('verify --mutant check-before-load', 'verify'),
      told('verify --replay trace.json', 'verify.replay', { exit: 97 }),
      told('verify --replay trace.json --on quick', 'verify.replay', { exit: 97 }),
    ],
    empty: always,
    failing: [fails('verify --mutant nonsense', 2)],
  },
  version: {
    data: [told('version', 'version')],
    empty: always,
    failing: [fails('version more', 2)],
  },
  worker: {
    data: [wrote('worker shop.yaml --name w', 'worker', { signal: working, exit: 143 })],
    empty: [
      wrote('worker empty.yaml --endpoint billing', 'worker', { signal: working, exit: 143 }),
    ],
    failing: [fails('worker down.yaml', 6)],
  },
  'bench:drain': {
    data: [wrote('bench drain @last --timeout 1s', 'bench.drain', { exit: 7 })],
    empty: oneThing,
    failing: [fails('bench drain 2020-01-01-000000-none', 5)],
  },
  'bench:list': {
    data: [told('bench list', 'bench.list')],
    empty: [told('bench list --out nowhere', 'bench.list')],
    failing: [fails('bench list more', 2)],
  },
  'bench:run': { data: [], empty: always, failing: [fails('bench run no.yaml', 104)] },
  'bench:show': {
    data: [told('bench show @last', 'bench.show')],
    empty: oneThing,
    failing: [fails('bench show @last --out nowhere', 5)],
  },
  'deploy:down': {
    data: [
      wrote('deploy down shop.yaml --force --yes', 'deploy.down'),
      told('deploy down empty.yaml --dry-run', 'deploy.down'),
    ],
    empty: always,
    failing: [fails('deploy down shop.yaml', 4), fails('deploy down shop.yaml --yes', 4)],
  },
  'deploy:status': {
    data: [
      told('deploy status shop.yaml', 'deploy.status'),
      told('deploy status gone.yaml', 'deploy.status'),
    ],
    empty: always,
    failing: [fails('deploy status down.yaml', 6)],
  },
  'deploy:up': {
    data: [
      told('deploy up gone.yaml --dry-run', 'deploy.up'),
      wrote('deploy up gone.yaml', 'deploy.up'),
    ],
    empty: always,
    failing: [fails('deploy up no.yaml', 104)],
  },
  'dev:down': {
    data: [],
    empty: [wrote('dev down', 'dev.down'), wrote('dev down --clean', 'dev.down')],
    failing: [fails('dev down more', 2)],
  },
  'dev:status': {
    data: [],
    empty: [told('dev status', 'dev.status')],
    failing: [fails('dev status more', 2)],
  },
  'dev:up': { data: [], empty: always, failing: [fails('dev up oracle', 2)] },
  'profile:init': {
    data: [wrote('profile init other.yaml', 'profile.init')],
    empty: nothing,
    failing: [fails('profile init my.yaml', 4)],
  },
  'profile:list': {
    data: [told('profile list', 'profile.list')],
    empty: always,
    failing: [fails('profile list more', 2)],
  },
  'profile:show': {
    data: [
      told('profile show shop.yaml', 'profile.show'),
      told('profile show shop.yaml --resolved', 'profile.show'),
    ],
    empty: oneThing,
    failing: [fails('profile show no.yaml', 104)],
  },
  'profile:validate': {
    data: [told('profile validate shop.yaml', 'profile.validate')],
    empty: oneThing,
    failing: [fails('profile validate fixed.json', 104)],
  },
};

export const rows: Readonly<Record<string, Row>> = {
  ...{ ...operating, ...outboxes, ...deadLetters, ...duplicates, ...local },
};
