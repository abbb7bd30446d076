/** Renders what is known about one message. */
import type { Message } from '../engine/message.js';
import type { MessageFacts } from '../operate/inspect/facts.js';
import type { Inspected } from '../operate/inspect/inspect.js';
import type { Ladder, Rung } from '../operate/inspect/ladder.js';
import type { WhatNext } from '../operate/inspect/next.js';
import { clockTime } from './ages.js';
import { coverageWarnings } from './coverage.js';
import type { ResultOf } from './documents/table.js';
import { formatDuration, plural } from './format.js';
import { shellLine } from './shell-words.js';

const marks: Readonly<Record<Rung['state'], string>> = { done: 'ok', here: '->', 'to come': '. ' };

export interface WrittenTrace {
  readonly file: string;
  readonly steps: number;
}

/** `inspect`; `trace`: it was also written as one. */
export function inspectResult(
  { deployment, facts, ladder, next }: Inspected,
  trace?: WrittenTrace,
): ResultOf<'inspect'> {
  const { operated, message, coverage, at, ...rest } = facts;
  const data = {
    ...rest,
    protocol: operated?.protocol.name ?? null,
    type: message?.type ?? null,
    copies: facts.copies.map(({ message: { body, ...head }, ...copy }) => ({
      ...copy,
      message: { ...head, bytes: body.length },
    })),
    entry: withoutBodies(facts.entry),
    slot: withoutBodies(facts.slot),
    ladder: ladder?.rungs ?? [],
    next,
  };
  return {
    name: 'inspect',
    data,
    about: { deployment, coverage },
    text: `${[...inspectText({ deployment, facts, ladder, next }), ...traceLines(trace)].join('\n')}\n`,
    ids: [facts.messageId],
    warnings: coverageWarnings(coverage),
  };
}

function withoutBodies<T extends { readonly messages: readonly Message[] }>(kept: T | null) {
  if (!kept) return null;
  const { messages, ...head } = kept;
  return {
    ...head,
    messages: messages.map(({ id, endpoint, body }) => ({ id, endpoint, bytes: body.length })),
  };
}

function inspectText({ facts, ladder, next }: Inspected): string[] {
  return [
    headline(facts),
    verdict(facts, ladder, next),
    '',
    ...queueLines(facts),
    ...storeLines(facts),
    ...(ladder
      ? [
          '',
          `ladder  ${facts.operated?.protocol.name ?? ''}`,
          ...ladder.rungs.map(rungLine(facts.at)),
        ]
      : []),
    '',
    'what happens next',
    `  if left:         ${next.ifLeft}`,
    ...(next.ifRepaired === null ? [] : [`  if repaired now: ${next.ifRepaired}`]),
  ];
}

function traceLines(trace: WrittenTrace | undefined): string[] {
  if (!trace) return [];
  const again = shellLine(['oncectl', 'verify', '--replay', trace.file]);
  return ['', `trace   ${plural(trace.steps, 'step')}; again: ${again}`];
}

function headline({ messageId, message, endpoint, key, causedBy }: MessageFacts): string {
  const parts = [
    messageId,
    message?.type,
    `to ${endpoint}`,
    key === null ? undefined : `key ${key}`,
    causedBy === null ? undefined : `caused by ${causedBy}`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
}

function verdict(facts: MessageFacts, ladder: Ladder | null, next: WhatNext): string {
  const { entry, slot, at, endpoint } = facts;
  const rung = ladder?.rungs.find(({ state }) => state === 'here');
  const since = (entry ?? slot)?.committedAt;
  const age =
    since === undefined ? '' : ` since ${clockTime(since, at)} (${formatDuration(at - since)})`;
  const where = rung
    ? ` at ${endpoint}, step ${rung.number} (${rung.step})${age}`
    : ` at ${endpoint}`;
  const words: Readonly<Record<WhatNext['state'], string>> = {
    done: 'DONE',
    moving:
      entry?.step === 'committed' || entry?.step === 'checked' || slot
        ? 'UNFINISHED'
        : 'ON ITS WAY',
    stuck: 'STUCK',
    dead: 'DEAD LETTER',
  };
  return `${words[next.state]}${where}`;
}

function queueLines({ copies, at }: MessageFacts): string[] {
  if (copies.length === 0) return ['queue   no copy of it is in a queue or among the dead letters'];
  return copies.flatMap((copy) => {
    const { state, holder, receives, failures } = copy;
    const words = {
      visible: `visible since ${clockTime(copy.at, at)}`,
      'in-flight': `in flight with ${holder ?? 'a worker'}, lease until ${clockTime(copy.at, at)}`,
      delayed: `delayed until ${clockTime(copy.at, at)}`,
      dead: `dead since ${clockTime(copy.at, at)}`,
    };
    const failed = failures.map(
      (failure) =>
        `        failed ${clockTime(failure.at, at)} at ${failure.worker}: ${failure.error}`,
    );
    return [`queue   ${words[state]}, received ${plural(receives, 'time')}`, ...failed];
  });
}

function storeLines({ entry, slot, record, payload, entity, caused, at }: MessageFacts): string[] {
  const kept = entry ?? slot;
  const name = entry ? `entry   ${entry.step}` : 'slot    taken';
  return [
    ...(kept ? [`${name}, transaction ${kept.transaction} by ${kept.worker}`] : []),
    ...caused.map(({ id, endpoint }) => `        promised ${id} to ${endpoint}`),
    ...(record
      ? [
          `record  by ${record.by} at ${clockTime(record.at, at)}, kept until ${clockTime(record.expires, at)}`,
        ]
      : []),
    ...(payload
      ? [`payload ${payload.id} ${payload.present ? 'present' : 'absent: consumed'}`]
      : []),
    ...(entity && entity.version > 0
      ? [
          `entity  ${entity.key} at version ${entity.version}, last transaction ${entity.transaction ?? 'none'}`,
        ]
      : []),
  ];
}

function rungLine(now: number) {
  return ({ number, step, state, at, note }: Rung): string => {
    const time = at === null ? (state === 'done' ? 'time not recorded' : '') : clockTime(at, now);
    return `  ${marks[state]} ${String(number).padStart(2)} ${step.padEnd(16)} ${time.padEnd(18)} ${note}`.trimEnd();
  };
}
