/** Every kind of bad profile we could think of, with the place and the key that must be named. */
export interface BadProfile {
  readonly title: string;
  readonly yaml: string;
  /** `line:column`; null when a flag or the file as a whole is to blame. */
  readonly at: string | null;
  readonly key: string;
  /** Part of what the message must say. */
  readonly says: string;
  readonly set?: readonly string[];
}

const load = 'load: { rate: 50/s }';
const deployment = 'deployment: { endpoints: { chain: 3 } }';
const good = `${deployment}\n${load}\n`;

function bad(
  title: string,
  yaml: string,
  at: string | null,
  key: string,
  says: string,
): BadProfile {
  return { title, yaml, at, key, says };
}

function flag(title: string, set: string, key: string, says: string, yaml = good): BadProfile {
  return { title, yaml, at: null, key, says, set: [set] };
}

const listed = (endpoints: string, more = ''): string =>
  `deployment:\n  endpoints:\n${endpoints}${more}\n${load}\n`;

const form: readonly BadProfile[] = [
  bad('an empty file', '', null, '', 'the file is empty'),
  bad('only comments', '# nothing\n', null, '', 'the file is empty'),
  bad('a list instead of a map', '- classic\n', '1:1', '', 'expected a map of keys'),
  bad('a tab as indentation', 'load:\n\trate: 50/s\n', '2:1', '', 'not valid YAML'),
  bad('a bracket that never closes', `${deployment}\nload: { rate: 50/s\n`, '3:1', '', 'YAML'),
  bad('the same key twice', `${good}seed: 1\nseed: 2\n`, '4:1', '', 'unique'),
  bad('two documents', `${good}---\n${good}`, '3:1', '', 'YAML'),
  bad('a variable in braces', `load: { rate: \${RATE} }\n`, '1:16', '', 'needs quotes'),
  bad('an alias of nothing', `${good}seed: *none\n`, '3:7', '', 'no anchor'),
  bad('an alias of itself', `${good}faults: &a [*a]\n`, '3:12', '', 'too often'),
  bad('a map as a key', `${good}? {a: 1}\n: 2\n`, '3:3', '', 'plain word'),
  bad('an unknown tag', `${good}seed: !secret 4\n`, '3:7', '', 'YAML'),
  bad('an unset variable', `${good}seed: \${SEED}\n`, '3:7', 'seed', 'SEED is not set'),
  bad('a broken variable', `${good}name: \${A-b}\n`, '3:7', 'name', 'NAME:-default}'),
];

const keys: readonly BadProfile[] = [
  bad('a misspelt top key', `${good}sed: 1\n`, '3:1', 'sed', 'did you mean "seed"?'),
  bad('a misspelt inner key', `${deployment}\nload:\n  raet: 50/s\n`, '3:3', 'load.raet', '"rate"'),
  bad('a key far from all', `${good}kubernetes: 1\n`, '3:1', 'kubernetes', 'here are possible'),
  bad('__proto__ as a key', `${good}__proto__: {a: 1}\n`, '3:1', '__proto__', 'unknown key'),
  bad('no deployment', `${load}\n`, '1:1', 'deployment', 'is missing'),
  bad('no load', `${deployment}\n`, '1:1', 'load', 'is missing'),
  bad('an empty load', `${deployment}\nload:\n`, '2:1', 'load', 'got nothing'),
  bad('no endpoints', `deployment: {}\n${load}\n`, '1:1', 'deployment.endpoints', 'is missing'),
  bad('no rate', `${deployment}\nload: { duration: 9s }\n`, '2:1', 'load.rate', 'is missing'),
  bad(
    'a key that another fault has',
    `${good}faults:\n  - { kind: kill, share: 1 % }\n`,
    '4:26',
    'faults[0].share',
    'a kill has no share',
  ),
  bad(
    'a fault without its kind',
    `${good}faults:\n  - { at: 1s }\n`,
    '4:5',
    'faults[0].kind',
    'missing',
  ),
  bad(
    'a duplicate that waits for its time',
    `${good}faults:\n  - { kind: duplicate, at: 5s }\n`,
    '4:28',
    'faults[0].at',
    'a duplicate has no at',
  ),
  bad(
    'a delay without length',
    `${good}faults:\n  - { kind: delay }\n`,
    '4:5',
    'faults[0].for',
    'needs for',
  ),
];

const types: readonly BadProfile[] = [
  bad('text for a number', `${good}seed: many\n`, '3:7', 'seed', 'expected a whole number'),
  bad(
    'a fraction for a number',
    `${good}workers: 1.5\n`,
    '3:10',
    'workers',
    'whole number, got 1.5',
  ),
  bad('infinity', `${good}workers: .inf\n`, '3:10', 'workers', 'whole number'),
  bad('a list for a map', `${good}drain: [60s]\n`, '3:1', 'drain', 'expected a map of keys'),
  bad('a map for a list', `${good}faults: { kind: kill }\n`, '3:1', 'faults', 'expected a list'),
  bad(
    'yes for a truth',
    `deployment: { control: yes, endpoints: { chain: 1 } }\n${load}\n`,
    '1:24',
    'deployment.control',
    'true or false',
  ),
  bad(
    'a duration without unit',
    `${good}drain: { timeout: 60 }\n`,
    '3:19',
    'drain.timeout',
    'a duration such as 30s',
  ),
  bad(
    'a duration in an unknown unit',
    `${good}drain: { timeout: 3 fortnights }\n`,
    '3:19',
    'drain.timeout',
    'a duration such as',
  ),
  bad(
    'a duration in the wrong order',
    `${good}drain: { timeout: 30s1m }\n`,
    '3:19',
    'drain.timeout',
    'a duration such as',
  ),
  bad(
    'a rate without unit',
    `${deployment}\nload: { rate: 50 }\n`,
    '2:15',
    'load.rate',
    'such as 50/s',
  ),
  bad(
    'a size without unit',
    `${deployment}\nload: { rate: 1/s, payload: 200 }\n`,
    '2:29',
    'load.payload',
    'such as 200B',
  ),
  bad(
    'half a byte',
    `${deployment}\nload: { rate: 1/s, payload: 1.5B }\n`,
    '2:29',
    'load.payload',
    'a size such as',
  ),
];

const values: readonly BadProfile[] = [
  bad(
    'a rate of nothing',
    `${deployment}\nload: { rate: 0/s }\n`,
    '2:15',
    'load.rate',
    'more than 0/s',
  ),
  bad(
    'a negative duration',
    `${deployment}\nload: { rate: 1/s, duration: -5s }\n`,
    '2:30',
    'load.duration',
    'a duration such as',
  ),
  bad(
    'a duration of nothing',
    `${deployment}\nload: { rate: 1/s, duration: 0s }\n`,
    '2:30',
    'load.duration',
    'more than 0s',
  ),
  bad(
    'a stage of more than a day',
    `${deployment}\nload: { rate: 1/s, duration: 25h }\n`,
    '2:30',
    'load.duration',
    'at most 24h',
  ),
  bad(
    'a load in which nothing enters',
    `${deployment}\nload: { rate: 1/h, duration: 9s }\n`,
    '2:30',
    'load.duration',
    'not one message',
  ),
  bad(
    'a share of more than all',
    `${good}faults:\n  - { kind: duplicate, share: 101 % }\n`,
    '4:31',
    'faults[0].share',
    'at most 100 %',
  ),
  bad(
    'a payload over the limit',
    `${deployment}\nload: { rate: 1/s, payload: 2MiB }\n`,
    '2:29',
    'load.payload',
    'at most 1MiB',
  ),
  bad(
    'no keys',
    `${deployment}\nload: { rate: 1/s, keys: 0 }\n`,
    '2:26',
    'load.keys',
    'at least 1',
  ),
  bad(
    'skew without a skewed distribution',
    `${deployment}\nload: { rate: 1/s, keys: { skew: 1 } }\n`,
    '2:34',
    'load.keys.skew',
    'distribution: uniform',
  ),
  bad('a negative seed', `${good}seed: -1\n`, '3:7', 'seed', 'at least 0'),
  bad(
    'an unknown protocol',
    `deployment: { protocol: outbx, endpoints: { chain: 1 } }\n${load}\n`,
    '1:25',
    'deployment.protocol',
    'did you mean "outbox"?',
  ),
  bad(
    'a backend of a later version',
    `deployment: { backend: postgres, endpoints: { chain: 1 } }\n${load}\n`,
    '1:24',
    'deployment.backend',
    'not available in this version',
  ),
  bad(
    'an unknown kind of fault',
    `${good}faults:\n  - { kind: kil }\n`,
    '4:13',
    'faults[0].kind',
    'did you mean "kill"?',
  ),
  bad(
    'a fault that ends before it begins',
    `${good}faults:\n  - { kind: kill, at: 5s, until: 4s }\n`,
    '4:34',
    'faults[0].until',
    'ends before it begins',
  ),
  bad(
    'an audit of nothing',
    `deployment: { backend: noop, endpoints: { chain: 1 } }\n${load}\naudit: on\n`,
    '3:8',
    'audit',
    'audit: off',
  ),
];

const stages = (...lines: readonly string[]): string =>
  `${deployment}\nload:\n  stages:\n${lines.map((line) => `    - ${line}\n`).join('')}`;

const stageCases: readonly BadProfile[] = [
  bad(
    'duration and stages',
    `${stages('{ name: a, duration: 1s, rate: 9/s }')}  duration: 5s\n`,
    '5:13',
    'load.duration',
    'not both',
  ),
  bad(
    'two stages of one name',
    stages('{ name: a, duration: 1s, rate: 9/s }', '{ name: a, duration: 1s, rate: 9/s }'),
    '5:15',
    'load.stages[1].name',
    'two stages named "a"',
  ),
  bad(
    'no measured stage',
    stages('{ name: a, duration: 1s, rate: 9/s, measured: false }'),
    '3:3',
    'load.stages',
    'no stage is measured',
  ),
  bad(
    'a stage without rate',
    stages('{ name: a, duration: 9s }'),
    '4:7',
    'load.stages[0].rate',
    'missing',
  ),
  bad(
    'a ramp that leads nowhere',
    stages('{ name: a, duration: 9s, from: 1/s }'),
    '4:7',
    'load.stages[0].to',
    'where the ramp leads to',
  ),
  bad(
    'a constant stage with ends',
    stages('{ name: a, duration: 9s, rate: 1/s, shape: constant, to: 2/s }'),
    '4:64',
    'load.stages[0].to',
    'constant',
  ),
  bad(
    'a burst slower than its base',
    stages('{ name: a, duration: 9s, shape: burst, from: 9/s, to: 2/s }'),
    '4:61',
    'load.stages[0].to',
    'faster',
  ),
  bad(
    'a dot in the name of a stage',
    stages('{ name: a.b, duration: 9s, rate: 9/s }'),
    '4:15',
    'load.stages[0].name',
    'a name of letters',
  ),
];

const endpoints: readonly BadProfile[] = [
  bad(
    'an empty list of endpoints',
    `deployment: { endpoints: [] }\n${load}\n`,
    '1:15',
    'deployment.endpoints',
    'must not be empty',
  ),
  bad(
    'two shapes at once',
    `deployment: { endpoints: { chain: 1, fanOut: 2 } }\n${load}\n`,
    '1:15',
    'deployment.endpoints',
    'expected only',
  ),
  bad(
    'a chain of none',
    `deployment: { endpoints: { chain: 0 } }\n${load}\n`,
    '1:35',
    'deployment.endpoints.chain',
    'at least 1',
  ),
  bad(
    'a slash in a name',
    listed('    - name: a/b'),
    '3:13',
    'deployment.endpoints[0].name',
    'letters',
  ),
  bad(
    'a name of 64 letters',
    listed(`    - name: ${'a'.repeat(64)}`),
    '3:13',
    'deployment.endpoints[0].name',
    'at most 63',
  ),
  bad(
    'an endpoint named sink',
    listed('    - name: sink'),
    '3:13',
    'deployment.endpoints[0].name',
    'sink',
  ),
  bad(
    'two endpoints of one name',
    listed('    - name: a\n    - name: a'),
    '4:13',
    'deployment.endpoints[1].name',
    'two endpoints named "a"',
  ),
  bad(
    'an unknown receiver',
    listed('    - { name: payments }\n    - { name: a, sendsTo: payment }'),
    '4:27',
    'deployment.endpoints[1].sendsTo',
    'did you mean "payments"?',
  ),
  bad(
    'a cycle',
    listed('    - { name: a, sendsTo: b }\n    - { name: b, sendsTo: a }'),
    '4:27',
    'deployment.endpoints[1].sendsTo',
    'a -> b -> a',
  ),
  bad(
    'an endpoint that sends to itself',
    listed('    - { name: x }\n    - { name: a, sendsTo: [x, a] }'),
    '4:18',
    'deployment.endpoints[1].sendsTo',
    'a -> a',
  ),
  bad(
    'an unknown entrance',
    `${deployment}\nload: { rate: 1/s, enter: endpoint-04 }\n`,
    '2:27',
    'load.enter',
    'did you mean "endpoint-',
  ),
  bad(
    'handlers without a name',
    listed('    - { name: a, handlers: ./a.js }'),
    '3:28',
    'deployment.endpoints[0].handlers',
    './handlers.js#orders',
  ),
  bad(
    'handlers that are not there',
    listed('    - { name: a, handlers: "./nowhere.js#a" }'),
    '3:28',
    'deployment.endpoints[0].handlers',
    'there is no file',
  ),
  bad(
    'failures of more than all',
    listed('    - { name: a, failing: [{ share: 60 %, error: x }, { share: 60 %, error: y }] }'),
    '3:18',
    'deployment.endpoints[0].failing',
    'more than 100 %',
  ),
  bad(
    'local-transaction over two stores',
    `deployment: { protocol: local-transaction, broker: noop, endpoints: { chain: 1 } }\n${load}\naudit: off\n`,
    '1:25',
    'deployment.protocol',
    'one database',
  ),
  bad(
    'the control without saying so',
    `deployment: { protocol: none, endpoints: { chain: 1 } }\n${load}\n`,
    '1:25',
    'deployment.protocol',
    'control: true',
  ),
  bad(
    'endpoints that cannot communicate',
    listed('    - { name: a, protocol: outbox, sendsTo: b }\n    - { name: b, protocol: token }'),
    '4:15',
    'deployment.endpoints[1].name',
    'bridge',
  ),
  bad(
    'a fault at no endpoint',
    `${good}faults:\n  - { kind: kill, endpoint: endpoint-9 }\n`,
    '4:29',
    'faults[0].endpoint',
    'did you mean "endpoint-0',
  ),
  bad(
    'a kill after a step of another protocol',
    `${good}faults:\n  - { kind: kill, step: after mark-dispatched }\n`,
    '4:25',
    'faults[0].step',
    'no boundary',
  ),
  bad(
    'a kill after no step at all',
    `${good}faults:\n  - { kind: kill, step: lunch }\n`,
    '4:25',
    'faults[0].step',
    'after dispatch',
  ),
];

const thresholds: readonly BadProfile[] = [
  bad(
    'a threshold that is none',
    `${good}thresholds:\n  - fast\n`,
    '4:5',
    'thresholds[0]',
    'expected a metric',
  ),
  bad(
    'a misspelt metric',
    `${good}thresholds:\n  - correctness.lots == 0\n`,
    '4:5',
    'thresholds[0]',
    'did you mean "correctness.lost"?',
  ),
  bad(
    'a misspelt latency',
    `${good}thresholds:\n  - hop.p98 < 20ms\n`,
    '4:5',
    'thresholds[0]',
    '"hop.p9',
  ),
  bad(
    'a latency without unit',
    `${good}thresholds:\n  - hop.p99 < 20\n`,
    '4:5',
    'thresholds[0]',
    'such as 20ms',
  ),
  bad(
    'a threshold on no stage',
    `${good}thresholds:\n  - stages.stedy.latency.hop.p99 < 20ms\n`,
    '4:5',
    'thresholds[0]',
    'no stage "stedy"',
  ),
  bad(
    'a threshold on no endpoint',
    `${good}thresholds:\n  - endpoints.endpoint-9.handled > 1\n`,
    '4:5',
    'thresholds[0]',
    'no endpoint "endpoint-9"',
  ),
];

const flags: readonly BadProfile[] = [
  flag('a flag without a value', 'load.rate', '', 'expected KEY=VALUE'),
  flag('a flag with an unknown key', 'load.raet=80/s', 'load.raet', 'did you mean "rate"?'),
  flag('a flag with a bad value', 'load.rate=fast', 'load.rate', 'a rate such as'),
  flag('a flag with bad YAML', 'seed=[1', '', 'not valid YAML'),
  flag('a flag with a path that is none', 'load..rate=1/s', '', 'expected KEY=VALUE'),
  flag('a flag that goes into a value', 'load.rate.fast=1', '', 'is one value'),
  flag(
    'a flag beyond a list',
    'faults[3].every=1s',
    '',
    'is too far',
    `${good}faults: [{ kind: kill }]\n`,
  ),
  flag(
    'a flag with an unknown name',
    'deployment.endpoints.b.concurrency=1',
    '',
    'there are a',
    listed('    - name: a'),
  ),
];

export const badProfiles: readonly BadProfile[] = [
  ...form,
  ...keys,
  ...types,
  ...values,
  ...stageCases,
  ...endpoints,
  ...thresholds,
  ...flags,
];
