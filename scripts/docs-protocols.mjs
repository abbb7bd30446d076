/**
 * `docs/protocols.md`: the steps of each protocol, and what breaks when they are taken otherwise. Every
 * trace is what the verifier finds when this page is written; nothing in them is typed.
 */

const order = ['outbox', 'dedupe-store', 'token', 'register-commit-publish'];

/** Right protocols on stores that they may not be used with. */
const stories = [
  {
    protocol: 'dedupe-store',
    stores: { dedupe: 'negative-cache' },
    title: 'A store that caches an absence: 404, PUT, 404',
    text: 'Before December 2020 Amazon S3 answered like this: a read that found nothing could hide a later put. The second copy is told "no" by what the first one read.',
  },
  {
    protocol: 'dedupe-store',
    stores: { dedupe: 'expiry' },
    title: 'A record that expired: later than the retention',
    text: 'Whoever recognises duplicates by id does so for as long as ids are kept, and no longer.',
  },
  {
    protocol: 'token',
    stores: { payload: 'stale-delete' },
    title: 'A store that still answers what was deleted',
    text: 'The token is gone and is read all the same: the right to handle the message is used twice.',
  },
  {
    protocol: 'token',
    stores: { payload: 'expiry' },
    title: 'A lifecycle rule on live payloads',
    text: 'An absent payload means "consumed". One that expired says so too, and the message is lost.',
  },
];

export async function protocolsPage(compiled) {
  const { protocolSteps } = await compiled('engine/protocols/steps.js');
  const { protocolNames } = await compiled('engine/protocols/names.js');
  const { nameOf } = await compiled('verify/move.js');
  const verify = { ...(await compiled('verify/index.js')), nameOf };
  const parts = [
    '# Protocols, and how they break',
    'Each trace is the shortest schedule that the verifier finds: `oncectl verify --mutant NAME` prints it again. `w1` and `w2` are workers, `r1` is a repair that an operator began, `world` is whatever else happens; a message `A` enters in two copies, unless the variant needs something else.',
  ];
  parts.push(...(await contractSection(protocolNames, await compiled('verify/contract.js'))));
  for (const protocol of order) parts.push(...(await section(protocol, protocolSteps, verify)));
  return parts;
}

/** Each cell is explored: a producer, a consumer, one message, up to one crash. */
async function contractSection(names, { checkContract }) {
  const cells = await checkContract(limits);
  const rows = names.map((producer) => {
    const mine = cells.filter((cell) => cell.producer === producer);
    return [
      producer,
      ...names.map((name) => cellText(mine.find(({ consumer }) => consumer === name))),
    ];
  });
  const apart = cells.filter(({ producer }) => producer === 'local-transaction');
  rows.push([
    'local-transaction, other database',
    ...names.map((name) => {
      const { bridged } = apart.find(({ consumer }) => consumer === name);
      return bridged === 'ok' ? 'bridge' : bridged;
    }),
  ]);
  const line = (row) => `| ${row.join(' | ')} |`;
  const head = ['producer \\ consumer', ...names];
  return [
    '## Who can send to whom',
    'A consumer has to recognise every duplicate that its producer may send. Each cell is what the verifier found with one message and up to one crash; *bridge* says that the same pair holds with a bridge in between, whose program was explored with them.',
    [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'),
  ];
}

function cellText({ verdict, bridged }) {
  return verdict !== 'ok' && bridged === 'ok' ? `${verdict}; with a bridge ok` : verdict;
}

async function section(protocol, protocolSteps, verify) {
  const steps = protocolSteps[protocol].map((step, at) => `${at + 1}. \`${step}\``).join('\n');
  const parts = [`## ${protocol}`, steps];
  for (const mutant of verify.mutants.filter((one) => one.of === protocol)) {
    const { found } = await verify.verifyMutant(mutant, limits);
    parts.push(`### ${mutant.name}`, `${upper(mutant.change)}.`, traceOf(verify, found));
    parts.push(`*Instead:* ${mutant.repair}.`);
  }
  for (const story of stories.filter((one) => one.protocol === protocol)) {
    const stores = { business: 'strong', dedupe: 'strong', payload: 'strong', ...story.stores };
    const request = { protocol, messages: 1, bounds: small, stores };
    const [{ found }] = await verify.verifyProtocol(request, limits);
    const [[port, model]] = Object.entries(story.stores);
    const command = `\`oncectl verify ${protocol} --${port} ${model}\``;
    parts.push(`### ${story.title}`, `${story.text} ${command}`, traceOf(verify, found));
  }
  return parts;
}

const small = { workers: 2, copies: 2, crashes: 1, unknowns: 1, attempts: 3 };
const limits = { timeMs: 120_000, mostStates: 5_000_000 };

function traceOf({ nameOf }, { invariant, text, trace }) {
  const lines = trace.map((move, at) => {
    const { what, note } = move;
    const who = nameOf(move).padEnd(5);
    return `${String(at + 1).padStart(2)}  ${who}  ${what}${note ? `: ${note}` : ''}`;
  });
  return ['```text', ...lines, '```', '', `**${invariant}**: ${text}.`].join('\n');
}

function upper(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
