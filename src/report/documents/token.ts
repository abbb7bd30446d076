/** Payloads in documents. */
import type { ExaminedToken, TokenVerdict } from '../../operate/token/examine.js';
import type { Listed } from './common.js';

type Told = 'id' | 'verdict' | 'rule' | 'why' | 'origin' | 'at' | 'bytes' | 'island' | 'quarantine';

export interface TokenData extends Pick<ExaminedToken, Told> {}

export interface TokenQuery {
  readonly endpoint: string | null;
  readonly orphans: boolean;
  readonly quarantined: boolean;
  readonly unreferenced: boolean;
  readonly youngerThanMs: number;
}

export interface ListedTokens extends Listed<TokenQuery> {
  /** Of all that match, not of the page. */
  readonly counts: Readonly<Record<TokenVerdict, number>>;
}
