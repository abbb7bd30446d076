/** Judges what the real stores hold once everything has come to rest (design, section 4). */
import type { EmbeddedDeployment } from '../backends/embedded/index.js';
import { hashOf } from '../engine/evidence.js';
import type { CommitRecord } from '../engine/ports.js';
import type { Violation } from '../verify/history.js';
import type { EnteredMessage } from '../verify/scenario.js';
import type { Receiver } from './receiver.js';

const mostRecords = 10_000;

/** Every violation that the stores show. */
export async function judge(
  { evidence }: EmbeddedDeployment,
  entered: readonly EnteredMessage[],
  receiver: Receiver,
): Promise<Violation[]> {
  const twice = await receiver.takeAll();
  const records = await evidence.takeRecords(mostRecords);
  return [
    ...appliedTwice(records),
    ...(twice ? [twice] : []),
    ...notOneAfterAnother(records),
    ...leaked(records, receiver),
    ...lost(records, entered, receiver),
    ...(await leftBehind(evidence)),
  ];
}

function appliedTwice(records: readonly CommitRecord[]): Violation[] {
  const found: Violation[] = [];
  records.forEach((record, at) => {
    const earlier = records.slice(0, at);
    const { endpoint, messageId, transaction } = record;
    const same = earlier.find((one) => one.endpoint === endpoint && one.messageId === messageId);
    if (same) {
      const text = `${messageId} was applied twice at ${endpoint}: by ${same.transaction} and by ${transaction}`;
      found.push({ invariant: 'I2', text });
    }
    const fork = earlier.find(
      (one) => isOfOneEntity(one, record) && one.previous === record.previous,
    );
    if (fork) {
      const text = `the entity forks: ${fork.transaction} and ${transaction} both follow ${record.previous ?? 'nothing'}`;
      found.push({ invariant: 'I2', text });
    }
  });
  return found;
}

function isOfOneEntity(a: CommitRecord, b: CommitRecord): boolean {
  return a.endpoint === b.endpoint && a.key === b.key;
}

function notOneAfterAnother(records: readonly CommitRecord[]): Violation[] {
  return records.flatMap((record): Violation[] => {
    const before = records.find(
      (one) => isOfOneEntity(one, record) && one.transaction === record.previous,
    );
    if (!before || before.after === record.before) return [];
    const text = `${record.transaction} was computed from a state that ${before.transaction} did not leave`;
    return [{ invariant: 'I5', text }];
  });
}

function leaked(records: readonly CommitRecord[], receiver: Receiver): Violation[] {
  const promised = new Map(records.flatMap(({ outgoing }) => outgoing.map((one) => [one.id, one])));
  const found: Violation[] = [];
  for (const id of receiver.ids) {
    if (promised.has(id)) continue;
    const text = `${id} was sent, and no durable commit says so`;
    found.push({ invariant: 'I3', text });
  }
  for (const [id, body] of receiver.bodies) {
    const committed = promised.get(id);
    if (!committed || committed.hash === hashOf(body)) continue;
    found.push({ invariant: 'I4', text: `${id} arrived with another body than was committed` });
  }
  return found;
}

function lost(
  records: readonly CommitRecord[],
  entered: readonly EnteredMessage[],
  receiver: Receiver,
): Violation[] {
  const gone = entered
    .filter(({ id }) => !records.some(({ messageId }) => messageId === id))
    .map(({ id, endpoint }) => `${id} is gone, and was never applied at ${endpoint}`);
  const outgoing = records.flatMap((record) => record.outgoing.map(({ id }) => ({ id, record })));
  const unsent = outgoing
    .filter(({ id }) => !receiver.bodies.has(id))
    .map(({ id, record }) => {
      const how = receiver.ids.has(id) ? 'arrived without its payload' : 'was never sent';
      return `${id}, committed by ${record.endpoint}/${record.messageId}, ${how}`;
    });
  return [...gone, ...unsent].map((text) => ({ invariant: 'I1', text }));
}

async function leftBehind(evidence: EmbeddedDeployment['evidence']): Promise<Violation[]> {
  const { entries, slots, registrations } = await evidence.leftovers(Date.now());
  const counts = { entry: entries, slot: slots, 'registered attempt': registrations };
  const named = new Set<string>();
  for await (const id of evidence.referencedPayloads()) named.add(id);
  let tokens = 0;
  for await (const { id } of evidence.payloads()) if (named.has(id)) tokens++;
  return Object.entries({ ...counts, payload: tokens }).flatMap(([what, count]): Violation[] =>
    count === 0 ? [] : [{ invariant: 'I6', text: `${count} ${what} stays behind` }],
  );
}
