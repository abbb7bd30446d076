/** Checks a profile's tree against the schema and fills in the defaults. */
import { Ajv, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv';
import { didYouMean, nearest } from './nearest.js';
import type { PathSegment, ProblemList } from './problems.js';
import { parseQuantity, quantityExamples } from './quantities.js';
import type { RawProfile } from './raw.js';
import type { QuantityLimits, Schema } from './schema.js';
import { keyPlaceOf, placeOf, plainValue, type SourceNode } from './source.js';

/** The profile with its defaults, still in words; `null` when the schema found problems. */
export function validateAgainstSchema(
  root: SourceNode,
  schema: Schema,
  problems: ProblemList,
): RawProfile | null {
  const validate = compiled(schema);
  const value: unknown = plainValue(root);
  if (validate(value)) return value;
  for (const error of validate.errors ?? []) report(error, root, problems);
  return null;
}

const validators = new WeakMap<Schema, ValidateFunction<RawProfile>>();

/** Compiling takes longer than all the rest, so each schema is compiled once. */
function compiled(schema: Schema): ValidateFunction<RawProfile> {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, allowUnionTypes: true });
  ajv.addKeyword({ keyword: 'quantity', validate: validateQuantity, errors: true });
  const validate = ajv.compile<RawProfile>(schema as SchemaObject);
  validators.set(schema, validate);
  return validate;
}

interface QuantityValidator {
  (limits: QuantityLimits, value: unknown): boolean;
  errors?: Partial<ErrorObject>[];
}

/** The `quantity` keyword: the text can be read, and lies within the limits. */
const validateQuantity: QuantityValidator = (limits, value) => {
  const message = whatIsWrong(limits, value);
  if (message === null) return true;
  validateQuantity.errors = [{ keyword: 'quantity', message, params: {} }];
  return false;
};

function whatIsWrong(limits: QuantityLimits, value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const { kind, above, atLeast, atMost } = limits;
  const amount = parseQuantity(kind, value);
  const bound = (text: string): number => parseQuantity(kind, text) ?? Number.NaN;
  if (amount === null) return `expected ${quantityExamples[kind]}`;
  if (above !== undefined && amount <= bound(above)) return `must be more than ${above}`;
  if (atLeast !== undefined && amount < bound(atLeast)) return `must be at least ${atLeast}`;
  if (atMost !== undefined && amount > bound(atMost)) return `must be at most ${atMost}`;
  return null;
}

function report(error: ErrorObject, root: SourceNode, problems: ProblemList): void {
  const path = segmentsOf(error.instancePath, root);
  const schema = (error.parentSchema ?? {}) as Schema;
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    problems.add(keyPlaceOf(root, [...path, key]), [...path, key], unknownKey(key, schema));
    return;
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty']);
    problems.add(placeOf(root, path), [...path, key], `is missing${describe(schema, key)}`);
    return;
  }
  problems.add(placeOf(root, path), path, explain(error, schema));
}

function unknownKey(key: string, schema: Schema): string {
  const known = Object.keys(schema.properties ?? {});
  return `unknown key${didYouMean(key, known) || `; here are possible: ${known.join(', ')}`}`;
}

function describe(schema: Schema, key: string): string {
  const description = schema.properties?.[key]?.description;
  return description === undefined ? '' : `: ${description}`;
}

const explanations: Readonly<Record<string, (error: ErrorObject, schema: Schema) => string>> = {
  type: (_, { type, title }) =>
    `expected ${type === 'object' ? typeNames(type) : (title ?? typeNames(type))}`,
  pattern: (_, schema) => `expected ${schema.title ?? `text like ${schema.pattern}`}`,
  minimum: (_, schema) => `must be at least ${schema.minimum}`,
  maximum: (_, schema) => `must be at most ${schema.maximum}`,
  minItems: () => 'must not be empty',
  minLength: () => 'must not be empty',
  uniqueItems: () => 'names the same thing twice',
  minProperties: (_, schema) => `expected ${schema.title ?? 'a key'}`,
  maxProperties: (_, schema) => `expected only ${schema.title ?? 'one key'}`,
};

function explain(error: ErrorObject, schema: Schema): string {
  if (error.keyword === 'enum') return explainEnum(error, schema.enum ?? []);
  const explanation = explanations[error.keyword]?.(error, schema);
  return `${explanation ?? error.message ?? 'is not allowed'}, got ${got(error)}`;
}

function explainEnum(error: ErrorObject, allowed: readonly unknown[]): string {
  const written = String(error.data);
  const names = allowed.filter((name) => typeof name === 'string');
  const near = typeof error.data === 'string' ? nearest(written, names) : null;
  const suggestion = near === null ? '' : `; did you mean "${near}"?`;
  return `expected one of ${names.join(', ')}, got ${got(error)}${suggestion}`;
}

const readableTypes: Readonly<Record<string, string>> = {
  object: 'a map of keys',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function typeNames(type: Schema['type']): string {
  const names = typeof type === 'string' ? [type] : (type ?? []);
  return names.map((name) => readableTypes[name] ?? name).join(' or ');
}

/** What stands there now, short enough to read. */
function got(error: ErrorObject): string {
  const { data } = error;
  if (data === null || data === undefined) return 'nothing';
  if (typeof data === 'object') return Array.isArray(data) ? 'a list' : 'a map';
  const text = typeof data === 'string' ? JSON.stringify(data) : String(data);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A JSON pointer as a path; whether a segment is an index is read off the tree. */
function segmentsOf(pointer: string, root: SourceNode): PathSegment[] {
  const path: PathSegment[] = [];
  let node: SourceNode | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const index = node?.kind === 'sequence';
    path.push(index ? Number(key) : key);
    if (node?.kind === 'sequence') node = node.items[Number(key)];
    else node = node?.kind === 'mapping' ? node.entries.get(key)?.node : undefined;
  }
  return path;
}
