/** Reads a trace file back. What it says is checked: a file may come from anywhere. */
import { OncectlError } from '../engine/errors.js';
import { protocolNames } from '../engine/protocols/names.js';
import { mutants } from './mutants/index.js';
import type { Sharing, TraceFile } from './trace-file.js';

const sharings: readonly Sharing[] = ['one entity', 'an entity each'];
const models = {
  business: ['strong', 'stale', 'content-hash'],
  dedupe: ['strong', 'stale', 'negative-cache', 'expiry'],
  payload: ['strong', 'stale', 'negative-cache', 'stale-delete', 'expiry'],
} as const;
const invariants = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'progress'];
const schema = 'oncectl/trace/v1';

/**
 * @param name of the file, for errors
 * @throws OncectlError `usage`, naming the field, when this is no trace that can be replayed
 */
export function readTrace(text: string, name: string): TraceFile {
  const refuse = (what: string): never => {
    const hint =
      'oncectl verify PROTOCOL --trace FILE writes one, and inspect MESSAGE --as-trace FILE';
    throw new OncectlError('usage', `no trace that can be replayed: ${what}`, {
      about: name,
      hint,
    });
  };
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    refuse(`it is no JSON (${error instanceof Error ? error.message : error})`);
  }
  if (typeof read !== 'object' || read === null) refuse('it is no object');
  const file = read as Readonly<Record<string, unknown>>;
  if (file.schema !== schema)
    refuse(`schema is ${JSON.stringify(file.schema) ?? 'missing'}, not "${schema}"`);
  const one = (field: string, value: unknown, allowed: readonly unknown[]) => {
    if (!allowed.includes(value)) refuse(`${field} is ${JSON.stringify(value) ?? 'missing'}`);
  };
  one('protocol', file.protocol, protocolNames);
  one('producer', file.producer, [null, ...protocolNames]);
  one('mutant', file.mutant, [null, ...mutants.map((mutant) => mutant.name)]);
  one('entities', file.entities, sharings);
  one('invariant', file.invariant, [null, ...invariants]);
  if (typeof file.text !== 'string') refuse('text is no text');
  const stores = objectOf(file.stores);
  for (const [port, allowed] of Object.entries(models))
    one(`stores.${port}`, stores[port], allowed);
  one('stores.broker', stores.broker ?? 'strong', ['strong', 'expiry']);
  const bounds = objectOf(file.bounds);
  for (const field of ['workers', 'copies', 'crashes', 'unknowns', 'attempts']) {
    if (!isCount(bounds[field])) refuse(`bounds.${field} is no whole number from 0 to 9`);
  }
  if (!isCount(bounds.repairs ?? 0)) refuse('bounds.repairs is no whole number from 0 to 9');
  if (!isCount(file.messages)) refuse('messages is no whole number from 0 to 9');
  const steps = Array.isArray(file.steps) ? file.steps : refuse('steps is no list');
  steps.forEach((step: unknown, at: number) => {
    const { worker, repair = 0, what, note } = objectOf(step);
    const isSomebody = isCount(worker) && isCount(repair);
    const isStep = isSomebody && typeof what === 'string' && typeof note === 'string';
    if (!isStep) refuse(`steps[${at}] is not {worker, what, note}`);
  });
  return read as TraceFile;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 9;
}
