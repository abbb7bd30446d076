/**
 * Asks one question of a deployment and says how long this process has lived until it had the answer:
 * its start, opening and closing included, and the processor time it took. Arguments: the deployment and the question, as JSON.
 */
const [target, question] = process.argv.slice(2).map((text) => JSON.parse(text));
const anyTime = Number.MAX_SAFE_INTEGER;

async function open() {
  const common = { worker: 'ask', retentionMs: 3_600_000, maintain: false };
  if (target.backend === 'postgres') {
    const { openPostgres } = await import('../../dist/src/backends/postgres/index.js');
    const { url, schema } = target;
    const ports = ['broker', 'business', 'dedupe', 'payload'];
    return openPostgres({ ...common, ports, url, schema });
  }
  const { openEmbedded } = await import('../../dist/src/backends/embedded/index.js');
  const mapSizeBytes = 32 * 1024 ** 3;
  const opened = await openEmbedded({
    ...{ ...common, folder: target.folder, layout: 'separate', mapSizeBytes },
  });
  return { ...opened, evidence: opened.parts };
}

const answers = {
  copies: async ({ upkeep }) => {
    const found = await upkeep.broker.copies(question.endpoints, question.prefix, 10);
    return found.map(({ message }) => message.id);
  },
  pending: async ({ evidence }) => {
    const found = [];
    for await (const { messageId } of evidence.broker.pending()) {
      if (messageId === question.messageId) found.push(messageId);
    }
    return found;
  },
  oldest: async ({ upkeep }) => {
    const { endpoint, limit } = question;
    return idsOf(await upkeep.business.oldestPending(endpoint, anyTime, limit));
  },
  'list-pending': async ({ ports }) => {
    const found = [];
    for (let after = null; ; after = found.at(-1).cursor) {
      const page = await ports.business.listPending(question.endpoint, anyTime, after, 1_000);
      found.push(...page);
      if (page.length < 1_000) break;
    }
    found.sort((left, right) => left.committedAt - right.committedAt);
    return idsOf(found.slice(0, question.limit));
  },
};

function idsOf(entries) {
  return entries.map(({ messageId }) => messageId);
}

const opened = await open();
const answer = await answers[question.of](opened);
await opened.close();
const { user, system } = process.cpuUsage();
const cpuMs = (user + system) / 1000;
process.stdout.write(JSON.stringify({ ms: performance.now(), cpuMs, answer }));
