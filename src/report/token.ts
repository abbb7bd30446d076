/** Renders payloads with their verdicts, and messages whose token is absent. */
import type { Operation } from '../operate/operation.js';
import type { Coverage } from '../operate/outbox/stuck.js';
import type { ExaminedToken, TokenVerdict } from '../operate/token/examine.js';
import type { LostToken } from '../operate/token/lost.js';
import { ageCell } from './ages.js';
import { coverageWarnings } from './coverage.js';
import type { ResultOf } from './documents/table.js';
import type { TokenData, TokenQuery } from './documents/token.js';
import { formatBytes, formatCount, plural } from './format.js';

export interface TokenListing {
  /** All that match, in order; a page of them is shown. */
  readonly tokens: readonly ExaminedToken[];
  readonly shown: readonly ExaminedToken[];
  readonly next: string | null;
  readonly coverage: readonly Coverage[];
  readonly truncated: boolean;
}

/** `token list`. */
export function tokensResult(
  operation: Pick<Operation, 'name'>,
  listing: TokenListing,
  query: TokenQuery,
  now: number,
): ResultOf<'token.list'> {
  const { tokens, shown, next, coverage, truncated } = listing;
  return {
    name: 'token.list',
    data: shown.map(tokenData),
    about: {
      deployment: operation.name,
      query,
      page: { next, truncated: next !== null, total: tokens.length, exact: !truncated },
      counts: countsOf(tokens),
      coverage,
    },
    text: `${headline(listing)}\n`,
    table: {
      columns: [
        ...[{ name: 'payload' }, { name: 'verdict' }, { name: 'put at' }, { name: 'for' }],
        ...[
          { name: 'age', align: 'right' as const },
          { name: 'size', align: 'right' as const },
        ],
        ...[{ name: 'rule' }, { name: 'why' }],
      ],
      rows: shown.map(({ id, verdict, origin, at, bytes, rule, why, quarantine }) => [
        ...[id, quarantine ? `${verdict}, quarantined` : verdict],
        ...[origin.endpoint || 'from outside', origin.messageId, ageCell(at, now)],
        { shown: formatBytes(bytes), exact: bytes },
        ...[rule, why],
      ]),
      empty: 'no payloads',
    },
    ids: shown.map(({ id }) => id),
    warnings: coverageWarnings(coverage),
  };
}

function tokenData({
  id,
  verdict,
  rule,
  why,
  origin,
  at,
  bytes,
  island,
  quarantine,
}: ExaminedToken): TokenData {
  return { id, verdict, rule, why, origin, at, bytes, island, quarantine };
}

function countsOf(tokens: readonly ExaminedToken[]): Readonly<Record<TokenVerdict, number>> {
  const counts = { orphan: 0, unreferenced: 0, young: 0, live: 0 };
  for (const { verdict } of tokens) counts[verdict]++;
  return counts;
}

function headline({ tokens, shown }: TokenListing): string {
  const parts = Object.entries(countsOf(tokens))
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${formatCount(count)} ${verdict}`);
  const bytes = tokens.reduce((sum, token) => sum + token.bytes, 0);
  const all = `${plural(tokens.length, 'payload')}, ${formatBytes(bytes)}`;
  const kinds = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
  return shown.length < tokens.length
    ? `${all}${kinds}; the first ${formatCount(shown.length)}:`
    : `${all}${kinds}`;
}

/** `token list --lost`. */
export function lostResult(
  operation: Pick<Operation, 'name'>,
  lost: readonly LostToken[],
  coverage: readonly Coverage[],
): ResultOf<'token.lost'> {
  const certain = lost.filter(({ verdict }) => verdict === 'lost').length;
  const open = lost.length - certain;
  return {
    name: 'token.lost',
    data: lost,
    about: { deployment: operation.name, coverage },
    text:
      lost.length === 0
        ? ''
        : `${plural(lost.length, 'message')} without a token: ${certain} lost for certain, ${open} lost or handled before\n`,
    table: {
      columns: [
        ...[{ name: 'message' }, { name: 'endpoint' }, { name: 'payload' }, { name: 'is' }],
        ...[{ name: 'receives', align: 'right' as const }, { name: 'verdict' }, { name: 'why' }],
      ],
      rows: lost.map(({ messageId, endpoint, payload, state, receives, verdict, why }) => [
        ...[messageId, endpoint, payload, state, receives, verdict, why],
      ]),
      empty: 'no message is without its token',
    },
    ids: lost.map(({ messageId }) => messageId),
    warnings: coverageWarnings(coverage),
  };
}
