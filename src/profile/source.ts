/** A YAML text as a small tree in which every key and value knows where it stands. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml';
import type { PathSegment, Place, ProblemList } from './problems.js';

export type SourceNode = ScalarNode | MappingNode | SequenceNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: unknown;
  /** Written without quotes: what is put in by a variable may become a number. */
  readonly plain: boolean;
  readonly place: Place;
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly entries: Map<string, MappingEntry>;
  readonly place: Place;
}

export interface MappingEntry {
  readonly keyPlace: Place;
  readonly node: SourceNode;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: SourceNode[];
  readonly place: Place;
}

/** Aliases may repeat a part of the file, but not blow it up. */
const maximumNodes = 200_000;

/** Reads one YAML document. Every syntax error becomes a problem; `null` when there was any. */
export function readSource(text: string, file: string, problems: ProblemList): SourceNode | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { text: `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`, offset };
  };
  for (const { code, pos, message } of toldErrors(document)) {
    const isVariable = code !== 'DUPLICATE_KEY' && /\$\{$/.test(text.slice(0, pos[0] + 1));
    const help = isVariable ? '; a variable inside { } or [ ] needs quotes around it' : '';
    problems.add(placeAt(pos[0]), '', `this is not valid YAML: ${message}${help}`);
  }
  if (!problems.empty) return null;
  const root = new TreeReader(document, placeAt, problems).read(document.contents, 0, 0);
  return problems.empty ? root : null;
}

/** After the first error of syntax the parser only guesses; keys written twice stand by themselves. */
function toldErrors(document: Document.Parsed): readonly (YAMLParseError | YAMLWarning)[] {
  const all = [...document.errors, ...document.warnings];
  const ofSyntax = all.filter(({ code }) => code !== 'DUPLICATE_KEY');
  return ofSyntax.length === 0 ? all : ofSyntax.slice(0, 1);
}

/** A value given on the command line, as a tree whose every node points at the flag. */
export function readFlagValue(text: string, place: Place, problems: ProblemList): SourceNode {
  const document = parseDocument(text, { prettyErrors: false });
  for (const error of toldErrors(document)) {
    problems.add(place, '', `its value is not valid YAML: ${error.message}`);
  }
  return new TreeReader(document, () => place, problems).read(document.contents, 0, 0);
}

class TreeReader {
  readonly #document: Document.Parsed;
  readonly #placeAt: (offset: number) => Place;
  readonly #problems: ProblemList;
  #nodes = 0;

  constructor(document: Document.Parsed, placeAt: (offset: number) => Place, list: ProblemList) {
    this.#document = document;
    this.#placeAt = placeAt;
    this.#problems = list;
  }

  read(node: unknown, fallback: number, depth: number): SourceNode {
    const place = this.#placeAt((node as Node | null)?.range?.[0] ?? fallback);
    this.#nodes += 1;
    if (depth > 100 || this.#nodes > maximumNodes) {
      this.#problems.add(
        place,
        '',
        'nested or repeated too often (an alias that contains itself?)',
      );
      return { kind: 'scalar', value: null, plain: true, place };
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) this.#problems.add(place, '', `there is no anchor &${node.source}`);
      return this.read(target, place.offset, depth + 1);
    }
    if (isMap(node)) return this.#readMapping(node.items, place, depth);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item, place.offset, depth + 1));
      return { kind: 'sequence', items, place };
    }
    if (!isScalar(node)) return { kind: 'scalar', value: null, plain: true, place };
    return { kind: 'scalar', value: node.value, plain: node.type === Scalar.PLAIN, place };
  }

  #readMapping(
    pairs: readonly { key: unknown; value: unknown }[],
    place: Place,
    depth: number,
  ): MappingNode {
    const entries = new Map<string, MappingEntry>();
    for (const { key, value } of pairs) {
      const keyPlace = this.#placeAt((key as Node | null)?.range?.[0] ?? place.offset);
      if (!isScalar(key)) {
        this.#problems.add(keyPlace, '', 'a key must be a plain word');
        continue;
      }
      const node = this.read(value, keyPlace.offset, depth + 1);
      entries.set(String(key.value), { keyPlace, node });
    }
    return { kind: 'mapping', entries, place };
  }
}

/** The tree as plain values, for the schema. */
export function plainValue(node: SourceNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(plainValue);
    case 'mapping':
      return Object.fromEntries(
        [...node.entries].map(([key, entry]) => [key, plainValue(entry.node)]),
      );
  }
}

/** The place of a value, or of the nearest part around it that is written down. */
export function placeOf(root: SourceNode, path: readonly PathSegment[]): Place {
  let node = root;
  let place = root.place;
  for (const segment of path) {
    const entry = childOf(node, segment);
    if (entry === undefined) return place;
    node = entry.node;
    const hasPlace = node.kind === 'scalar' && node.value !== null;
    place = hasPlace ? node.place : entry.keyPlace;
  }
  return place;
}

/** The place of a key, rather than of its value. */
export function keyPlaceOf(root: SourceNode, path: readonly PathSegment[]): Place {
  const parent = path
    .slice(0, -1)
    .reduce<SourceNode | undefined>(
      (node, segment) => (node === undefined ? undefined : childOf(node, segment)?.node),
      root,
    );
  const last = path.at(-1);
  const entry = parent === undefined || last === undefined ? undefined : childOf(parent, last);
  return entry?.keyPlace ?? placeOf(root, path);
}

function childOf(node: SourceNode, segment: PathSegment): MappingEntry | undefined {
  if (node.kind === 'mapping') return node.entries.get(String(segment));
  if (node.kind !== 'sequence') return undefined;
  const item = node.items[Number(segment)];
  return item === undefined ? undefined : { keyPlace: item.place, node: item };
}
