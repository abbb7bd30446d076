/** Renders outboxes that other libraries wrote. */
import type { ForeignPage, ShownForeignRow } from '../operate/foreign/list.js';
import { ageCell, clockTime } from './ages.js';
import { bodyField, bodyText } from './body.js';
import type { ResultOf } from './documents/table.js';
import { plural } from './format.js';

/** `outbox list --outbox`. */
export function foreignResult(
  deployment: string,
  page: ForeignPage,
  now: number,
): ResultOf<'outbox.list.foreign'> {
  const { rows, next, total, outbox, kind, table, repairable, finishing } = page;
  const whose = repairable
    ? 'oncectl outbox repair may send them, or the library itself'
    : 'its own library finishes them';
  return {
    name: 'outbox.list.foreign',
    data: rows,
    about: {
      ...{ deployment, outbox, kind, table, repairable, finishing },
      page: { next, truncated: next !== null, total, exact: true },
      coverage: [],
    },
    text: [
      `${plural(total, 'row')} undispatched in ${table} (${kind})`,
      `${whose}: ${finishing.how} (${finishing.source})`,
      '',
    ].join('\n'),
    table: {
      columns: ['row', 'age', 'messages', 'about', 'key', 'attempts', 'note'].map((name) => ({
        name,
      })),
      rows: rows.map(({ id, createdAt, messages, about, key, attempts, note }) => [
        id,
        ageCell(createdAt, now),
        ...[messages, about, key, attempts, note],
      ]),
      empty: 'nothing is undispatched',
    },
    ids: rows.map(({ id }) => id),
  };
}

/** `outbox show --outbox`. */
export function foreignRowResult(
  deployment: string,
  { outbox, kind, finishing, row }: ShownForeignRow,
  showsBodies: boolean,
  now: number,
): ResultOf<'outbox.show.foreign'> {
  const { id, createdAt, messages, note, attempts } = row;
  const since = createdAt === null ? '' : `, created ${clockTime(createdAt, now)}`;
  const tried = attempts === null ? '' : `, ${plural(attempts, 'attempt')}`;
  return {
    name: 'outbox.show.foreign',
    data: {
      ...row,
      messages: messages.map(({ body, ...message }) => ({
        ...message,
        body: bodyField(body, showsBodies),
      })),
    },
    about: { deployment, outbox, kind, finishing },
    text: [
      `${id}  ${outbox} (${kind})${since}${tried}`,
      ...(note === null ? [] : [note]),
      ...messages.flatMap(({ id: messageId, type, destination, body }) => [
        `  ${messageId ?? '-'}  ${type ?? ''}  to ${destination ?? 'where the profile says'}  ${body.length} bytes`,
        ...(showsBodies
          ? bodyText(body)
              .split('\n')
              .map((line) => `    ${line}`)
          : []),
      ]),
      '',
    ].join('\n'),
    ids: [id],
  };
}
