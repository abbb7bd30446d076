/** Renders by what duplicates are recognised, and what would happen to a copy. */
import { isoTime } from '../engine/iso-time.js';
import type { Checked } from '../operate/dedupe/check.js';
import type { KnownMessage, KnownPage, KnownQuery } from '../operate/dedupe/records.js';
import type { Operation } from '../operate/operation.js';
import { ageCell, soonCell } from './ages.js';
import type { ResultOf } from './documents/table.js';

/** `dedupe list`. */
export function knownResult(
  operation: Pick<Operation, 'name'>,
  { messages, next }: KnownPage,
  query: KnownQuery,
  now: number,
): ResultOf<'dedupe.list'> {
  return {
    name: 'dedupe.list',
    data: messages,
    about: {
      deployment: operation.name,
      query,
      page: { next, truncated: next !== null, total: null, exact: false },
      coverage: [],
    },
    text: next === null ? '' : `the first ${messages.length}; more with --cursor ${next}\n`,
    table: {
      columns: [
        ...[{ name: 'message' }, { name: 'endpoint' }, { name: 'kind' }, { name: 'by' }],
        ...[
          { name: 'age', align: 'right' as const },
          { name: 'expires', align: 'right' as const },
        ],
      ],
      rows: messages.map(({ messageId, endpoint, kind, by, at, expires }) => [
        ...[messageId, endpoint, kind, by, ageCell(at, now)],
        expires <= now ? { shown: 'expired', exact: isoTime(expires) } : soonCell(expires, now),
      ]),
      empty: 'no records',
    },
    ids: messages.map(({ messageId }) => messageId),
  };
}

/** `dedupe show`. */
export function knownText(
  operation: Pick<Operation, 'name'>,
  known: KnownMessage,
): ResultOf<'dedupe.show'> {
  const { messageId, endpoint, kind, by, at, expires } = known;
  const lines = [
    `message   ${messageId}`,
    `endpoint  ${endpoint}`,
    `kind      ${kind}`,
    `by        ${by}`,
    `at        ${isoTime(at)}`,
    `expires   ${isoTime(expires)}`,
  ];
  return {
    name: 'dedupe.show',
    data: known,
    about: { deployment: operation.name },
    text: `${lines.join('\n')}\n`,
    ids: [messageId],
  };
}

/** `dedupe check`. */
export function checkResult(
  operation: Pick<Operation, 'name'>,
  checked: Checked,
): ResultOf<'dedupe.check'> {
  const { coverage, ...data } = checked;
  const { messageId, endpoint, says } = checked;
  return {
    name: 'dedupe.check',
    data,
    about: { deployment: operation.name, coverage },
    text: `a copy of ${messageId} at ${endpoint} ${says}\n`,
    ids: [messageId],
    warnings: coverage.map((one) => `${one.endpoint}, ${one.store}: ${one.why}`),
  };
}
