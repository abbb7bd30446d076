/** Renders one entry or slot. */
import type { Message } from '../engine/message.js';
import type { ShownEntry } from '../operate/outbox/show.js';
import { clockTime } from './ages.js';
import { bodyField, bodyText } from './body.js';
import type { ResultOf } from './documents/table.js';
import { formatDuration, plural } from './format.js';

/** `outbox show`. */
export function entryResult(
  deployment: string,
  { endpoint, key, kept, step }: ShownEntry,
  showsBodies: boolean,
  now: number,
): ResultOf<'outbox.show'> {
  const { messages, ...head } = kept;
  const age = formatDuration(Math.max(0, now - kept.committedAt));
  const lines = [
    `${kept.messageId}  ${endpoint}  key ${key}  ${step}`,
    `transaction ${kept.transaction}, committed ${clockTime(kept.committedAt, now)} (${age} ago) by ${kept.worker}`,
    ...(kept.token ? [`token ${kept.token}`] : []),
    `promises ${plural(messages.length, 'message')}:`,
    ...messages.flatMap((message) => messageLines(message, kept.payloads, showsBodies)),
  ];
  return {
    name: 'outbox.show',
    data: {
      ...{ endpoint, ...head, key, step },
      messages: messages.map(({ body, ...message }) => ({
        ...message,
        body: bodyField(body, showsBodies),
      })),
    },
    about: { deployment },
    text: `${lines.join('\n')}\n`,
    ids: [kept.messageId],
  };
}

function messageLines(
  { id, endpoint, type, key, body }: Message,
  payloads: Readonly<Record<string, string>> | undefined,
  showsBodies: boolean,
): string[] {
  const payload = payloads?.[id];
  const where = payload === undefined ? `${body.length} bytes` : `payload ${payload}`;
  const line = `  ${id}  to ${endpoint}  ${type}  key ${key}  ${where}`;
  if (!showsBodies || body.length === 0) return [line];
  return [
    line,
    ...bodyText(body)
      .split('\n')
      .map((text) => `    ${text}`),
  ];
}
