/** Settling an entry: the changes of its attributes, wherever they lie, and when they may be made. */
import type { EntryStep, Settled, SettleFrom, SettleTo } from '../../../engine/ports.js';
import { stepOf } from './entry-item.js';
import { type Item, number, packed, text, textOf } from './item.js';
import type { Update } from './update.js';

/** Entries go onwards only: one that was dispatched is never checked again. */
function mayMove(step: EntryStep, from: SettleFrom, to: SettleTo): boolean {
  if (from !== 'any') return step === from && !(to.step === 'checked' && step === 'dispatched');
  return !(to.step === 'checked' && step === 'dispatched');
}

/** The condition on the entry at `path` alone. */
export function whereMovable(
  update: Update,
  path: readonly string[],
  from: SettleFrom,
  to: SettleTo,
): Update {
  const step = update.path([...path, 'step']);
  if (from !== 'any') update.where(`${step} = ${update.value(text(from))}`);
  else update.where(`attribute_exists(${step})`);
  if (to.step === 'checked') update.where(`${step} <> ${update.value(text('dispatched'))}`);
  return update;
}

/** What becomes of the entry at `path`; bodies are dropped as soon as nobody needs them. */
export function setStep(
  update: Update,
  path: readonly string[],
  to: Exclude<SettleTo, { step: 'removed' }>,
  settler: string,
): Update {
  const at = (name: string) => [...path, name];
  update.set(at('step'), text(to.step)).set(at('settler'), text(settler));
  if (to.step === 'checked') {
    return update.set(at('payloads'), packed(to.payloads)).remove(at('bodies'));
  }
  update.set(at('at'), number(to.at));
  return update.remove(at('messages'), at('bodies'), at('payloads'));
}

/** Why the condition failed, by the entry that was there: also when it was our own write. */
export function judgeSettle(
  entry: Item | null,
  from: SettleFrom,
  to: SettleTo,
  settler: string,
): Settled | 'free' {
  if (entry === null) return 'missing';
  if (textOf(entry['settler']) === settler) return 'settled';
  return mayMove(stepOf(entry), from, to) ? 'free' : 'moved';
}
