import { type BadProfile, bad, load } from './bad-profile.js';

/** One outbox, on line 4 from column 5 on. */
const outbox = (written: string, protocol = 'outbox') =>
  `deployment:\n  endpoints: [{ name: orders }]\n  outboxes:\n    - ${written}\n  protocol: ${protocol}\n${load}\n`;

const key = (name: string) => `deployment.outboxes[0].${name}`;
const table = 'kind: table, table: t, columns: { id: a, payload: b }';

export const outboxes: readonly BadProfile[] = [
  bad(
    'an outbox of an unknown kind',
    outbox('{ name: a, kind: nservicebuss }'),
    '4:24',
    key('kind'),
    'did you mean "nservicebus"?',
  ),
  bad(
    'a receiver of what only its library dispatches',
    outbox('{ name: a, kind: masstransit, to: orders }'),
    '4:41',
    key('to'),
    'has no meaning for masstransit, whose messages its own library dispatches',
  ),
  bad(
    'a prefix where tables have none',
    outbox('{ name: a, kind: pg-transactional-outbox, to: orders, prefix: x }'),
    '4:69',
    key('prefix'),
    'has no meaning for pg-transactional-outbox',
  ),
  bad(
    'an outbox to be repaired to nobody',
    outbox('{ name: a, kind: pg-transactional-outbox }'),
    '4:7',
    key('to'),
    'is missing',
  ),
  bad(
    'an outbox to be repaired to an unknown endpoint',
    outbox('{ name: a, kind: pg-transactional-outbox, to: order }'),
    '4:53',
    key('to'),
    'did you mean "orders"?',
  ),
  bad(
    'an outbox to be repaired to who drops no duplicate',
    outbox('{ name: a, kind: pg-transactional-outbox, to: orders }', 'none\n  control: true'),
    '4:53',
    key('to'),
    'does not recognise a message that is sent again',
  ),
  bad(
    'a table without its columns',
    outbox('{ name: a, kind: table, table: t, dispatched: { column: c }, to: orders }'),
    '4:7',
    key('columns'),
    'is missing: table needs it',
  ),
  bad(
    'a table whose payload is nowhere',
    outbox('{ name: a, kind: table, table: t, columns: { id: a } }'),
    '4:41',
    key('columns.payload'),
    'is missing',
  ),
  bad(
    'a value after dispatch without one before',
    outbox(`{ name: a, ${table}, dispatched: { column: c, after: SENT }, to: orders }`),
    '4:73',
    key('dispatched.before'),
    'both values, or neither',
  ),
  bad(
    'one value before dispatch and after it',
    outbox(`{ name: a, ${table}, dispatched: { column: c, before: x, after: x }, to: orders }`),
    '4:116',
    key('dispatched.after'),
    'is the value before, too',
  ),
  bad(
    'an outbox named like an endpoint',
    outbox('{ name: orders, kind: nservicebus }'),
    '4:15',
    key('name'),
    'an endpoint is named "orders", too',
  ),
  bad(
    'two outboxes of one name',
    outbox('{ name: a, kind: nservicebus }\n    - { name: a, kind: masstransit }'),
    '5:15',
    'deployment.outboxes[1].name',
    'two outboxes named "a"',
  ),
];
