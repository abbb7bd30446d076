/** `${NAME}` and `${NAME:-default}` inside the values of a profile; `$$` stands for one `$`. */
import { parse } from 'yaml';
import type { PathSegment, ProblemList } from './problems.js';
import type { ScalarNode, SourceNode } from './source.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const reference = /\$\$|\$\{([^}]*)(\}?)/g;
const inside = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts the variables in. An unset (or empty) one without a default is a problem at its place. In a
 * value without quotes the result may be a number or a truth value, as if it had been written there.
 */
export function substitute(
  node: SourceNode,
  environment: Environment,
  problems: ProblemList,
  path: readonly PathSegment[] = [],
): SourceNode {
  switch (node.kind) {
    case 'scalar':
      return substituteScalar(node, environment, problems, path);
    case 'sequence': {
      const items = node.items.map((item, index) =>
        substitute(item, environment, problems, [...path, index]),
      );
      return { ...node, items };
    }
    case 'mapping': {
      const entries = [...node.entries].map(([key, entry]) => {
        const inner = substitute(entry.node, environment, problems, [...path, key]);
        return [key, { ...entry, node: inner }] as const;
      });
      return { ...node, entries: new Map(entries) };
    }
  }
}

function substituteScalar(
  node: ScalarNode,
  environment: Environment,
  problems: ProblemList,
  path: readonly PathSegment[],
): ScalarNode {
  if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
  let replaced = false;
  const text = node.value.replace(reference, (whole, content?: string, closing?: string) => {
    if (whole === '$$') return '$';
    replaced = true;
    const [, name, fallback] = (closing === '}' && inside.exec(content ?? '')) || [];
    if (name === undefined) {
      problems.add(node.place, path, `cannot read "${whole}": write \${NAME} or \${NAME:-default}`);
      return '';
    }
    const value = environment[name] || fallback;
    if (value === undefined) {
      const help = `set it, or write \${${name}:-default}`;
      problems.add(node.place, path, `the environment variable ${name} is not set; ${help}`);
    }
    return value ?? '';
  });
  return { ...node, value: replaced && node.plain ? asPlainScalar(text) : text };
}

/** What the text would be if it stood in the file; anything but a single word stays a text. */
function asPlainScalar(text: string): unknown {
  if (!/^[-+.\w]+$/.test(text)) return text;
  const value: unknown = parse(text);
  return ['number', 'boolean'].includes(typeof value) ? value : text;
}
