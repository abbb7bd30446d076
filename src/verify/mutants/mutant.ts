/** A wrong variant, kept beside the right one: the verifier must catch it, by the invariant it breaks. */

import type { Protocol } from '../../engine/protocols/index.js';
import type { ProtocolName } from '../../engine/protocols/names.js';
import type { Invariant } from '../history.js';
import type {
  Bounds,
  EnteredMessage,
  PureHandler,
  Repair,
  StoreModels,
  Wrongs,
} from '../scenario.js';

export interface Mutant {
  readonly name: string;
  /** The protocol that it is a variant of. */
  readonly of: ProtocolName;
  /** What was changed, in a sentence. */
  readonly change: string;
  /** What the right protocol, or the right store, does instead, and why. */
  readonly repair: string;
  readonly breaks: Invariant;
  /** Left out: the program is right, and what is wrong lies beneath it. */
  readonly program?: Protocol['program'];
  /** Left out: repair is right. Else: how it finishes an entry that it was begun on. */
  readonly repairing?: Repair;
  /** It acknowledges by itself, somewhere in its program. */
  readonly acknowledges?: true;
  readonly wrongs?: Wrongs;
  readonly stores?: Partial<StoreModels>;
  readonly handler?: PureHandler;
  readonly bounds?: Partial<Bounds>;
  readonly entered?: readonly EnteredMessage[];
  /** Further endpoints with the same protocol. */
  readonly others?: readonly string[];
}
