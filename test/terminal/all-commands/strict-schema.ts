/** Validates what a command prints against the schema that it names, with no field beyond that schema. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { root } from '../run-cli.js';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const known = new Map<string, ValidateFunction>();

export interface Printed {
  /** Without `oncectl/` and `/v1`. */
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Parses one line and validates it. Throws what is wrong, and where. */
export function validated(line: string): Printed {
  const document = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const name = /^oncectl\/([\w.-]+)\/v1$/.exec(String(document['schema']))?.[1];
  if (name === undefined) throw new Error(`names no schema: ${line.slice(0, 200)}`);
  const validate = validatorOf(name);
  if (validate(document)) return { name, document };
  const errors = (validate.errors ?? []).slice(0, 5).map(({ instancePath, message, params }) => {
    return `${instancePath || '/'} ${message} ${JSON.stringify(params)}`;
  });
  throw new Error(`not as schemas/${name} says:\n${errors.join('\n')}\n${line.slice(0, 1000)}`);
}

/** A stream: every line is valid, numbered without a gap, and only the last one ends it. */
export function validatedStream(stdout: string): readonly Printed[] {
  const events = stdout.trimEnd().split('\n').map(validated);
  const isEnd = ({ document }: Printed) => ['summary', 'error'].includes(String(document['type']));
  events.forEach((event, at) => {
    if (event.document['seq'] !== at + 1) throw new Error(`line ${at + 1} has another number`);
    if (isEnd(event) !== (at === events.length - 1)) {
      throw new Error(`line ${at + 1} of ${events.length} is ${event.document['type']}`);
    }
  });
  return events;
}

function validatorOf(name: string): ValidateFunction {
  const compiled = known.get(name);
  if (compiled) return compiled;
  const file = join(root, 'schemas', `${name}.schema.json`);
  if (!existsSync(file)) throw new Error(`there is no schemas/${name}.schema.json`);
  const validate = ajv.compile(closed(JSON.parse(readFileSync(file, 'utf8'))) as object);
  known.set(name, validate);
  return validate;
}

/** Readers must bear new fields, so schemas allow them; here a field that no schema has is an error. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (node === null || typeof node !== 'object') return node;
  const inside = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === 'const' ? value : closed(value)]),
  );
  const isOurs = node !== null && 'type' in node && node.type === 'object' && 'properties' in node;
  return isOurs && !('additionalProperties' in node)
    ? { ...inside, additionalProperties: false }
    : inside;
}
