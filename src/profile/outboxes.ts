/** Resolves `deployment.outboxes`: outboxes of other libraries, each with the keys that its kind has. */
import type { ForeignSource } from '../backends/foreign/index.js';
import type { ForeignKind } from '../engine/foreign.js';
import { protocols } from '../engine/protocols/index.js';
import { sink } from './endpoints.js';
import type { Findings } from './findings.js';
import { didYouMean } from './nearest.js';
import type { PathSegment } from './problems.js';
import type { RawOutbox } from './raw.js';
import type { EndpointProfile, OutboxProfile } from './types.js';

const listPath = ['deployment', 'outboxes'] as const;

type OwnKey = 'table' | 'prefix' | 'columns' | 'dispatched' | 'to';

interface Keys {
  readonly required: readonly OwnKey[];
  readonly possible: readonly OwnKey[];
}

/** What a kind has beside name, url and schema. */
const keysOf: Readonly<Record<ForeignKind, Keys>> = {
  nservicebus: { required: [], possible: ['prefix'] },
  masstransit: { required: [], possible: [] },
  'pg-transactional-outbox': { required: ['to'], possible: ['table'] },
  table: { required: ['table', 'columns', 'dispatched', 'to'], possible: [] },
};

const allKeys: readonly OwnKey[] = ['table', 'prefix', 'columns', 'dispatched', 'to'];

/** The outboxes in their order. One that was refused is left out. */
export function resolveOutboxes(
  written: readonly RawOutbox[],
  endpoints: readonly EndpointProfile[],
  findings: Findings,
): readonly OutboxProfile[] {
  checkNames(written, endpoints, findings);
  return written.flatMap((outbox, index) => {
    const path = [...listPath, index];
    checkKeys(outbox, path, findings);
    checkReceiver(outbox, endpoints, path, findings);
    const source = sourceOf(outbox, path, findings);
    if (source === null) return [];
    return [{ name: outbox.name, url: outbox.url ?? null, source, to: outbox.to ?? null }];
  });
}

/** One name for an endpoint and for an outbox would leave it open which is meant. */
function checkNames(
  written: readonly RawOutbox[],
  endpoints: readonly EndpointProfile[],
  findings: Findings,
): void {
  const names = written.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    const path = [...listPath, index, 'name'];
    if (names.indexOf(name) !== index) {
      findings.refuse(path, `there are two outboxes named "${name}"`);
    } else if (name === sink || endpoints.some((endpoint) => endpoint.name === name)) {
      findings.refuse(path, `an endpoint is named "${name}", too`);
    }
  }
}

function checkKeys(outbox: RawOutbox, path: readonly PathSegment[], findings: Findings): void {
  const { required, possible } = keysOf[outbox.kind];
  for (const key of allKeys) {
    const isThere = outbox[key] !== undefined;
    if (required.includes(key) && !isThere) {
      findings.refuse([...path, key], `is missing: ${outbox.kind} needs it`);
    }
    if (isThere && ![...required, ...possible].includes(key)) {
      findings.refuse([...path, key], `has no meaning for ${outbox.kind}${whyNot(key)}`);
    }
  }
}

function whyNot(key: OwnKey): string {
  return key === 'to' ? ', whose messages its own library dispatches' : '';
}

function checkReceiver(
  { kind, to }: RawOutbox,
  endpoints: readonly EndpointProfile[],
  path: readonly PathSegment[],
  findings: Findings,
): void {
  if (to === undefined || !keysOf[kind].required.includes('to')) return;
  const receiver = endpoints.find(({ name }) => name === to);
  if (!receiver) {
    const names = endpoints.map(({ name }) => name);
    findings.refuse([...path, 'to'], `there is no endpoint "${to}"${didYouMean(to, names)}`);
  } else if (!receiver.bridge && protocols[receiver.protocol].recognisesBy === 'nothing') {
    const message = `${to} (${receiver.protocol}) does not recognise a message that is sent again`;
    findings.refuse([...path, 'to'], message);
  }
}

function sourceOf(
  { kind, schema, table, prefix, columns, dispatched }: RawOutbox,
  path: readonly PathSegment[],
  findings: Findings,
): ForeignSource | null {
  switch (kind) {
    case 'nservicebus':
      return { kind, schema, prefix: prefix ?? '' };
    case 'masstransit':
      return { kind, schema };
    case 'pg-transactional-outbox':
      return { kind, schema, table: table ?? 'outbox' };
    case 'table': {
      if (!table || !columns || !dispatched) return null;
      const { id, payload, type = null, key = null, createdAt = null } = columns;
      const { column, before, after } = dispatched;
      if ((before === undefined) !== (after === undefined)) {
        const missing = before === undefined ? 'before' : 'after';
        findings.refuse([...path, 'dispatched', missing], 'is missing: both values, or neither');
      }
      if (before !== undefined && before === after) {
        findings.refuse([...path, 'dispatched', 'after'], 'is the value before, too');
      }
      const values = before === undefined || after === undefined ? null : { before, after };
      return {
        ...{ kind, schema, table },
        columns: { id, payload, type, key, createdAt },
        dispatched: { column, values },
      };
    }
  }
}
