/** What a writer that is going to be killed noted down, and what must follow from it. */
import { existsSync, readFileSync } from 'node:fs';

export const queue = 'orders';
export const keys: readonly string[] = ['a', 'b', 'c'];

export type Did =
  | 'committed'
  | 'settling'
  | 'settled'
  | 'put'
  | 'added'
  | 'deleting'
  | 'deleted'
  | 'sent'
  | 'acking'
  | 'acked';

/** The notes of all writers; a line cut by the kill does not count. */
export class Notes {
  private readonly ids = new Map<Did, Set<string>>();
  readonly commits: { key: string; messageId: string; version: number }[] = [];

  read(path: string): void {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n').slice(0, -1)) this.add(line);
  }

  private add(line: string): void {
    const [what, id = '', messageId = '', version = ''] = line.split('\t');
    const did = what as Did;
    this.of(did).add(id);
    if (did === 'committed') this.commits.push({ key: id, messageId, version: Number(version) });
  }

  of(did: Did): Set<string> {
    const found = this.ids.get(did) ?? new Set<string>();
    this.ids.set(did, found);
    return found;
  }
}
