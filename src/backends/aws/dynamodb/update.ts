/** An update expression that grows part by part; names and values are always placeholders. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { sizeOf } from './item.js';

export interface UpdateParts {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

export class Update {
  /** What the set values take of their item: the least that it will have. */
  bytes = 0;
  readonly #names = new Map<string, string>();
  readonly #values: Record<string, AttributeValue> = {};
  readonly #sets: string[] = [];
  readonly #removes: string[] = [];
  readonly #conditions: string[] = [];
  #valueCount = 0;

  set(path: readonly string[], value: AttributeValue): this {
    this.#sets.push(`${this.path(path)} = ${this.value(value)}`);
    this.bytes += sizeOf({ [path.at(-1) ?? '']: value });
    return this;
  }

  /** Sets what is not there yet; what is there stays. */
  setAbsent(path: readonly string[], value: AttributeValue): this {
    const placeholder = this.path(path);
    this.#sets.push(`${placeholder} = if_not_exists(${placeholder}, ${this.value(value)})`);
    return this;
  }

  remove(...paths: readonly (readonly string[])[]): this {
    for (const path of paths) this.#removes.push(this.path(path));
    return this;
  }

  /** A condition of the placeholders that `path` and `value` made; all of them must hold. */
  where(condition: string): this {
    this.#conditions.push(condition);
    return this;
  }

  whereEquals(path: readonly string[], value: AttributeValue): this {
    return this.where(`${this.path(path)} = ${this.value(value)}`);
  }

  whereThere(path: readonly string[]): this {
    return this.where(`attribute_exists(${this.path(path)})`);
  }

  whereAbsent(path: readonly string[]): this {
    return this.where(`attribute_not_exists(${this.path(path)})`);
  }

  path(path: readonly string[]): string {
    return path.map((name) => this.#placeholder(name)).join('.');
  }

  value(value: AttributeValue): string {
    const placeholder = `:v${this.#valueCount++}`;
    this.#values[placeholder] = value;
    return placeholder;
  }

  /** The parts of a request; those that would be empty are left out, as the service demands. */
  parts(): UpdateParts {
    const sets = this.#sets.length > 0 ? [`SET ${this.#sets.join(', ')}`] : [];
    const removes = this.#removes.length > 0 ? [`REMOVE ${this.#removes.join(', ')}`] : [];
    const expression = [...sets, ...removes].join(' ');
    const names = Object.fromEntries([...this.#names].map(([name, holder]) => [holder, name]));
    return {
      ...(expression === '' ? {} : { UpdateExpression: expression }),
      ...(this.#conditions.length === 0
        ? {}
        : { ConditionExpression: this.#conditions.join(' AND ') }),
      ...(this.#names.size === 0 ? {} : { ExpressionAttributeNames: names }),
      ...(this.#valueCount === 0 ? {} : { ExpressionAttributeValues: { ...this.#values } }),
    };
  }

  #placeholder(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const holder = `#n${this.#names.size}`;
    this.#names.set(name, holder);
    return holder;
  }
}
