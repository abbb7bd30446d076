/** Kept schedules: they violate the same again, and say so when they no longer can. */
import { expect, it } from 'vitest';
import { OncectlError } from '../../src/engine/errors.js';
import { type Mutant, mutants } from '../../src/verify/mutants/index.js';
import { readTrace } from '../../src/verify/read-trace.js';
import { replaySteps } from '../../src/verify/replay.js';
import { type TraceFile, traceFileOf } from '../../src/verify/trace-file.js';
import { verifyMutant } from '../../src/verify/verify.js';

const limits = { timeMs: 60_000, mostStates: 3_000_000 };

async function traceOf(mutant: Mutant): Promise<TraceFile> {
  const { subject, found } = await verifyMutant(mutant, limits);
  if (!found) throw new Error('not caught');
  return traceFileOf(subject, found);
}

const byName = mutants.map((mutant): [string, Mutant] => [mutant.name, mutant]);

it.each(byName)(
  '%s: the schedule, kept and read again, violates the same',
  async (_name, mutant) => {
    const file = await traceOf(mutant);
    const again = readTrace(JSON.stringify(file), 'trace.json');
    const { found, taken } = replaySteps(again);
    expect(taken).toBe(file.steps.length);
    expect(found).toMatchObject({ invariant: file.invariant, text: file.text });
  },
);

it('the right protocol does not let it happen', async () => {
  const [mutant] = mutants.filter(({ name }) => name === 'check-before-load');
  const file = await traceOf(mutant as Mutant);
  const { found, taken } = replaySteps({ ...file, mutant: null });
  expect(found).toBeNull();
  expect(taken).toBeLessThan(file.steps.length);
});

const kept: TraceFile = {
  ...{ schema: 'oncectl/trace/v1', protocol: 'outbox', mutant: null, producer: null, messages: 1 },
  ...{ entities: 'one entity', invariant: 'I1', text: '', steps: [] },
  bounds: { workers: 1, copies: 1, crashes: 0, unknowns: 0, attempts: 1 },
  stores: { business: 'strong', dedupe: 'strong', payload: 'strong' },
};

it.each([
  ['{"schema":', 'it is no JSON'],
  ['[]', 'schema is missing'],
  [JSON.stringify({ ...kept, schema: 'oncectl/trace/v9' }), 'schema is "oncectl/trace/v9"'],
  [JSON.stringify({ ...kept, protocol: 'outboks' }), 'protocol is "outboks"'],
  [JSON.stringify({ ...kept, mutant: 'nobody' }), 'mutant is "nobody"'],
  [JSON.stringify({ ...kept, bounds: {} }), 'bounds.workers'],
  [
    JSON.stringify({ ...kept, stores: { ...kept.stores, dedupe: 'weak' } }),
    'stores.dedupe is "weak"',
  ],
  [JSON.stringify({ ...kept, bounds: { ...kept.bounds, repairs: -1 } }), 'bounds.repairs'],
  [JSON.stringify({ ...kept, steps: [{ worker: 1 }] }), 'steps[0]'],
  [JSON.stringify({ ...kept, invariant: undefined }), 'invariant is missing'],
  [JSON.stringify({ ...kept, text: 7 }), 'text is no text'],
  [JSON.stringify({ ...kept, stores: { ...kept.stores, broker: 'stale' } }), 'stores.broker'],
  [
    JSON.stringify({ ...kept, steps: [{ worker: 0, repair: 'r', what: 'load', note: '' }] }),
    'steps[0]',
  ],
])('refuses %s', (text, said) => {
  const read = () => readTrace(text, 'trace.json');
  expect(read).toThrow(OncectlError);
  expect(read).toThrow(said);
});
