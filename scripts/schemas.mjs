/**
 * Writes `schemas/`: a JSON Schema for each document, stream and file in src/report/documents/table.ts,
 * made from the TypeScript types. With `--check` it writes nothing and fails when one is stale, missing or
 * of no document any more. The profile's schema is written by hand.
 *
 * Fields that a schema does not name are allowed: a new field keeps v1. Whoever wants to know of each
 * (our tests) forbids them in every object that has `properties` and says nothing of others.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';
import { root } from './run.mjs';

const folder = join(root, 'schemas');
const ending = '.schema.json';
const byHand = ['profile'];

/** Name -> schema, in the order of their names. */
function schemas() {
  const generator = createGenerator({
    path: join(root, 'src', 'report', 'documents', '*.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    // `npm run check` and the build do.
    skipTypeCheck: true,
    expose: 'all',
    topRef: false,
    jsDoc: 'extended',
    encodeRefs: false,
  });
  const tableOf = (type) => {
    const { properties, definitions = {} } = generator.createSchema(type);
    return { properties, definitions };
  };
  const error = generator.createSchema('ErrorDocument');
  const all = {
    error: whole('error', error, error.definitions),
    ...mapped(tableOf('Documents'), (name) => name, documentSchema),
    ...mapped(tableOf('Files'), (name) => name, fileSchema),
    ...mapped(tableOf('Streams'), (name) => `${name}.event`, streamSchema),
  };
  return Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1));

  function streamSchema(name, types, definitions) {
    const told = { ...error.definitions, ...definitions };
    const failed = error.properties.error;
    const events = Object.entries({ ...objectOf(types, definitions).properties, error: failed });
    const anyOf = events.map(([type, data]) => eventSchema(name, type, data));
    return whole(name, { anyOf }, told);
  }
}

function mapped({ properties, definitions }, nameOf, schemaOf) {
  return Object.fromEntries(
    Object.entries(properties).map(([key, type]) => {
      const name = nameOf(key);
      return [name, schemaOf(name, type, definitions)];
    }),
  );
}

function documentSchema(name, type, definitions) {
  const { data, about } = objectOf(type, definitions).properties;
  const besides = about ? objectOf(about, definitions) : { properties: {}, required: [] };
  const document = {
    type: 'object',
    properties: {
      schema: { const: `oncectl/${name}/v1` },
      at: { type: 'string', format: 'date-time', description: 'When it was obtained.' },
      ...besides.properties,
      data,
      warnings: { type: 'array', items: { type: 'string' } },
    },
    required: ['schema', 'at', ...(besides.required ?? []), 'data', 'warnings'],
  };
  return whole(name, document, definitions);
}

function fileSchema(name, type, definitions) {
  return whole(name, objectOf(type, definitions), definitions);
}

function eventSchema(name, type, data) {
  return {
    type: 'object',
    properties: {
      schema: { const: `oncectl/${name}/v1` },
      seq: { type: 'integer', description: 'From 1, without a gap.' },
      t: { type: 'string', format: 'date-time' },
      type: { const: type },
      data,
    },
    required: ['schema', 'seq', 't', 'type', 'data'],
  };
}

/** The definition behind a reference; an intersection that came out as a list is not foreseen. */
function objectOf(type, definitions) {
  const found = type.$ref ? definitions[nameIn(type.$ref)] : type;
  if (found?.type !== 'object') throw new Error(`no object: ${JSON.stringify(type)}`);
  return found;
}

/** With the definitions that it needs, and no others. */
function whole(name, schema, definitions) {
  const { $schema: _, definitions: __, ...referring } = schema;
  const body = inlined(referring, definitions);
  const needed = new Map();
  const follow = (node) => {
    for (const ref of refsIn(node)) {
      if (needed.has(ref)) continue;
      needed.set(ref, inlined(definitions[ref], definitions));
      follow(needed.get(ref));
    }
  };
  follow(body);
  const kept = [...needed].sort(([one], [other]) => (one < other ? -1 : 1));
  return open({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `oncectl/${name}/v1`,
    ...body,
    ...(kept.length === 0 ? {} : { definitions: Object.fromEntries(kept) }),
  });
}

/** Types without a name of their own (`Omit<...>`) stand where they are used. */
function inlined(node, definitions) {
  if (Array.isArray(node)) return node.map((one) => inlined(one, definitions));
  if (node === null || typeof node !== 'object') return node;
  if (typeof node.$ref === 'string' && !/^\w+$/.test(nameIn(node.$ref))) {
    const { $ref, ...besides } = node;
    return { ...inlined(definitions[nameIn($ref)], definitions), ...besides };
  }
  const entries = Object.entries(node).map(([key, value]) => [key, inlined(value, definitions)]);
  return Object.fromEntries(entries);
}

function refsIn(node) {
  if (Array.isArray(node)) return node.flatMap(refsIn);
  if (node === null || typeof node !== 'object') return [];
  const own = typeof node.$ref === 'string' ? [nameIn(node.$ref)] : [];
  return [...own, ...Object.values(node).flatMap(refsIn)];
}

const nameIn = (ref) => ref.slice('#/definitions/'.length);

/** Objects whose other fields are forbidden say nothing of them instead. */
function open(node) {
  if (Array.isArray(node)) return node.map(open);
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).filter(
    ([key, value]) => !(key === 'additionalProperties' && value === false),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, open(value)]));
}

function main(check) {
  mkdirSync(folder, { recursive: true });
  const wanted = new Map(
    schemas().map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  );
  const there = readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .filter((name) => !byHand.includes(name));
  let stale = 0;
  for (const name of new Set([...wanted.keys(), ...there])) {
    const file = join(folder, `${name}${ending}`);
    const text = wanted.get(name);
    if (there.includes(name) && readFileSync(file, 'utf8') === text) continue;
    stale += 1;
    if (check) process.stderr.write(`schemas/${name}${ending} is stale: run npm run docs\n`);
    else if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
  }
  return check && stale > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.includes('--check'));
