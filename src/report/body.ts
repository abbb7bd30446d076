/** Bodies of messages in output: real JSON where one is JSON, base64 where it is no text. */

export interface ShownBody {
  readonly encoding: 'json' | 'utf-8' | 'base64';
  readonly value: unknown;
}

/** Of a body that is not shown. */
export interface BodySize {
  readonly bytes: number;
}

/** What a document says of a body; not shown, only its size. */
export function bodyField(body: Uint8Array, shows: boolean): ShownBody | BodySize {
  return shows ? shownBody(body) : { bytes: body.length };
}

function shownBody(body: Uint8Array): ShownBody {
  const text = textOf(body);
  if (text === null) {
    return { encoding: 'base64', value: Buffer.from(body).toString('base64') };
  }
  try {
    return { encoding: 'json', value: JSON.parse(text) as unknown };
  } catch {
    return { encoding: 'utf-8', value: text };
  }
}

/** For people: JSON indented, text as it is. */
export function bodyText(body: Uint8Array): string {
  const { encoding, value } = shownBody(body);
  if (encoding === 'json') return JSON.stringify(value, null, 2);
  return encoding === 'utf-8' ? String(value) : `base64 ${String(value)}`;
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
