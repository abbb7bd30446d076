/**
 * The entity that a message's entry is in, as far as this process has seen: saves the look at the
 * markers. Only a hint: where it finds nothing, the markers are asked.
 */
const most = 20_000;

export class Hints {
  readonly #keys = new Map<string, string>();

  keyOf(endpoint: string, messageId: string): string | undefined {
    return this.#keys.get(nameOf(endpoint, messageId));
  }

  note(endpoint: string, messageId: string, key: string): void {
    this.#keys.set(nameOf(endpoint, messageId), key);
    if (this.#keys.size <= most) return;
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined) this.#keys.delete(oldest);
  }

  forget(endpoint: string, messageId: string): void {
    this.#keys.delete(nameOf(endpoint, messageId));
  }
}

function nameOf(endpoint: string, messageId: string): string {
  return `${endpoint}/${messageId}`;
}
