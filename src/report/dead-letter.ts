/** Renders one dead letter. */
import type { Failure } from '../engine/message.js';
import type { ShownLetter } from '../operate/dead/show.js';
import { clockTime } from './ages.js';
import { bodyField, bodyText } from './body.js';
import { coverageWarnings } from './coverage.js';
import type { ResultOf } from './documents/table.js';
import { formatDuration, plural } from './format.js';

/** `dead show`. */
export function letterResult(
  deployment: string,
  shown: ShownLetter,
  showsBody: boolean,
  now: number,
): ResultOf<'dead.show'> {
  const { letter, body, bodyGone, state, others, claim, coverage } = shown;
  const { message, ...rest } = letter;
  const { body: _, ...head } = message;
  return {
    name: 'dead.show',
    data: {
      message: { ...head, body: bodyField(body, showsBody) },
      ...rest,
      bodyGone,
      applied: { is: state.applied !== null, why: state.applied, tokenGone: state.tokenGone },
      copies: state.facts.copies.map(({ message: _message, ...copy }) => copy),
      others,
      claim,
    },
    about: { deployment, coverage },
    text: `${lines(shown, showsBody, now).join('\n')}\n`,
    ids: [message.id],
    warnings: coverageWarnings(coverage),
  };
}

function lines(shown: ShownLetter, showsBody: boolean, now: number): string[] {
  const { letter, body, others } = shown;
  const { message, deadAt, receives, failures } = letter;
  const age = formatDuration(Math.max(0, now - deadAt));
  return [
    `${message.id}  ${message.type}  to ${message.endpoint}  key ${message.key}`,
    `dead since ${clockTime(deadAt, now)} (${age}), received ${plural(receives, 'time')}`,
    ...(others > 0 ? [`${plural(others, 'more letter')} of this message`] : []),
    ...originLines(shown),
    '',
    appliedLine(shown),
    ...claimLines(shown, now),
    '',
    `${plural(failures.length, 'failure')}, the last one last:`,
    ...failures.flatMap((failure) => failureLines(failure, now)),
    '',
    ...bodyLines(body, shown.bodyGone, showsBody),
  ];
}

function originLines({ letter }: ShownLetter): string[] {
  const { causedBy, editedFrom, payload } = letter.message.headers;
  return [
    ...(causedBy === undefined ? [] : [`caused by ${causedBy}`]),
    ...(editedFrom === undefined ? [] : [`edited from ${editedFrom}`]),
    ...(payload === undefined ? [] : [`payload ${payload.id}`]),
  ];
}

function appliedLine({ state }: ShownLetter): string {
  if (state.applied !== null) {
    return `${state.applied}; dead retry lets it be recognised, discard and edit are refused`;
  }
  if (state.tokenGone) return 'its payload is gone: it was consumed, or lost; nobody can handle it';
  return 'not applied: no entry, slot or record of it';
}

function claimLines({ claim }: ShownLetter, now: number): string[] {
  if (!claim) return [];
  const { by, action, at, phase } = claim;
  return [`${by} began ${action.replace('.', ' ')} ${clockTime(at, now)} (${phase})`];
}

function failureLines({ at, worker, error, stack }: Failure, now: number): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => line.trim().startsWith('at '));
  return [
    `  ${clockTime(at, now)}  ${worker}  ${error}`,
    ...frames.map((line) => `    ${line.trim()}`),
  ];
}

function bodyLines(body: Uint8Array, isGone: boolean, showsBody: boolean): string[] {
  if (isGone) return ['body: gone'];
  if (!showsBody) return [`body: ${plural(body.length, 'byte')} (--body shows it)`];
  return [
    'body:',
    ...bodyText(body)
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}
