/** Message bodies, deterministic from (seed, index), cheap enough to make while sending. */
import { Random, streams } from './random.js';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Text from which bodies take their filling; a power of two, so that an offset is a mask. */
const blockBytes = 1 << 16;

export class PayloadMaker {
  readonly #bytes: number;
  readonly #block: Buffer;
  readonly #offsets: number;

  /** `bytes` is the wished length of a body; the JSON around the filling sets a lower limit. */
  constructor(seed: number, bytes: number) {
    this.#bytes = Math.max(0, Math.floor(bytes));
    const random = new Random(seed, streams.payloads);
    this.#offsets = random.next32();
    this.#block = Buffer.allocUnsafe(blockBytes);
    for (let index = 0; index < blockBytes; index++) {
      this.#block[index] = alphabet.charCodeAt(random.integer(alphabet.length));
    }
  }

  /** A JSON object, `{"number":index,"amount":1..1000,"text":"..."}`, as UTF-8. */
  body(index: number): Uint8Array {
    const drawn = Math.imul(index + 1, 0x9e3779b1) ^ this.#offsets;
    const head = `{"number":${index},"amount":${1 + ((drawn >>> 8) % 1000)},"text":"`;
    const filling = Math.max(0, this.#bytes - head.length - 2);
    const body = Buffer.allocUnsafe(head.length + filling + 2);
    body.write(head, 0, 'latin1');
    this.#fill(body, head.length, filling, drawn & (blockBytes - 1));
    body.write('"}', head.length + filling, 'latin1');
    return body;
  }

  #fill(body: Buffer, start: number, length: number, offset: number): void {
    let from = offset;
    let done = 0;
    while (done < length) {
      const part = Math.min(length - done, blockBytes - from);
      this.#block.copy(body, start + done, from, from + part);
      done += part;
      from = 0;
    }
  }
}
