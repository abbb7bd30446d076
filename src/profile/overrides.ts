/** `--set load.rate=80/s`: one value of a profile, replaced on the command line. */
import type { Place, ProblemList } from './problems.js';
import { type MappingNode, readFlagValue, type SequenceNode, type SourceNode } from './source.js';

/** Puts the values in, in order. A path that leads nowhere is a problem that names the flag. */
export function applyOverrides(
  root: SourceNode,
  flags: readonly string[],
  problems: ProblemList,
): void {
  flags.forEach((flag, index) => {
    const place = { text: `--set ${flag}`, offset: Number.MAX_SAFE_INTEGER - flags.length + index };
    const equals = flag.indexOf('=');
    const path = equals <= 0 ? null : splitPath(flag.slice(0, equals).trim());
    if (path === null) {
      problems.add(place, '', 'expected KEY=VALUE, such as load.rate=80/s or faults[0].every=2s');
      return;
    }
    put(root, path, readFlagValue(flag.slice(equals + 1), place, problems), place, problems);
  });
}

/** `faults[0].every` or `deployment.endpoints[a.b].protocol`; `null` when it cannot be read. */
function splitPath(text: string): string[] | null {
  const segments: string[] = [];
  let rest = `.${text}`;
  while (rest !== '') {
    const [whole, word, bracketed] = /^(?:\.([^.[\]]+)|\[([^[\]]+)\])/.exec(rest) ?? [];
    const segment = word ?? bracketed;
    if (whole === undefined || segment === undefined) return null;
    segments.push(segment.trim());
    rest = rest.slice(whole.length);
  }
  return segments;
}

function put(
  root: SourceNode,
  path: readonly string[],
  value: SourceNode,
  place: Place,
  problems: ProblemList,
): void {
  let node = root;
  for (const [depth, segment] of path.entries()) {
    const last = depth === path.length - 1;
    const outcome = step(node, segment, last ? value : null, place);
    if (typeof outcome === 'string') {
      const around = path.slice(0, depth).join('.') || 'the profile';
      problems.add(place, '', `${around} ${outcome}`);
      return;
    }
    node = outcome;
  }
}

/** One step down, making maps on the way; what is wrong, as the end of a sentence, if it cannot. */
function step(
  node: SourceNode,
  segment: string,
  value: SourceNode | null,
  place: Place,
): SourceNode | string {
  if (node.kind === 'mapping') return stepIntoMapping(node, segment, value, place);
  if (node.kind === 'sequence') return stepIntoSequence(node, segment, value, place);
  return `is one value, not a map: "${segment}" cannot be set in it; set it as a whole`;
}

function stepIntoMapping(
  node: MappingNode,
  segment: string,
  value: SourceNode | null,
  place: Place,
): SourceNode {
  const there = node.entries.get(segment);
  const empty = there?.node.kind === 'scalar' && there.node.value === null;
  if (value === null && there !== undefined && !empty) return there.node;
  const next = value ?? { kind: 'mapping', entries: new Map(), place };
  node.entries.set(segment, { keyPlace: place, node: next });
  return next;
}

function stepIntoSequence(
  node: SequenceNode,
  segment: string,
  value: SourceNode | null,
  place: Place,
): SourceNode | string {
  const index = /^\d+$/.test(segment) ? Number(segment) : indexOfName(node, segment);
  if (index === null) return `has no item named "${segment}"${namesIn(node)}`;
  if (index > node.items.length) {
    return `has ${node.items.length} items: [${index}] is too far ([${node.items.length}] appends)`;
  }
  const next = value ?? node.items[index] ?? { kind: 'mapping', entries: new Map(), place };
  node.items[index] = next;
  return next;
}

function nameOf(item: SourceNode): string | null {
  const name = item.kind === 'mapping' ? item.entries.get('name')?.node : undefined;
  return name?.kind === 'scalar' ? String(name.value) : null;
}

function indexOfName(node: SequenceNode, name: string): number | null {
  const index = node.items.findIndex((item) => nameOf(item) === name);
  return index === -1 ? null : index;
}

function namesIn(node: SequenceNode): string {
  const names = node.items.map(nameOf).filter((name) => name !== null);
  return names.length === 0 ? '; use [0], [1], ...' : `; there are ${names.join(', ')}`;
}
