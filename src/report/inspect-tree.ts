/** Renders a message's chain, and where it was at an earlier moment. */
import { isoTime } from '../engine/iso-time.js';
import type { AtTime } from '../operate/inspect/at-time.js';
import type { MessageTree, TreeNode } from '../operate/inspect/tree.js';
import { clockTime } from './ages.js';
import { coverageWarnings } from './coverage.js';
import type { ResultOf } from './documents/table.js';

/** `inspect --tree`. */
export function treeResult(
  deployment: string,
  tree: MessageTree,
  now: number,
): ResultOf<'inspect.tree'> {
  const { root, truncated, coverage } = tree;
  const lines = treeLines(root, '', '', now);
  const cut = truncated ? ['... the tree was cut here'] : [];
  return {
    name: 'inspect.tree',
    data: root,
    about: { deployment, page: { truncated }, coverage },
    text: `${[...lines, ...cut].join('\n')}\n`,
    ids: idsOf(root),
    warnings: coverageWarnings(coverage),
  };
}

function treeLines(node: TreeNode, first: string, others: string, now: number): string[] {
  const { messageId, endpoint, state, here, committedAt, isAsked, children } = node;
  const at = committedAt === null ? '' : `  committed ${clockTime(committedAt, now)}`;
  const where = here === null ? '' : ` at ${here}`;
  const mark = isAsked ? '  <- asked' : '';
  const line = `${first}${messageId}  ${endpoint}  ${state}${where}${at}${mark}`;
  const below = children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const branch = isLast ? '└─ ' : '├─ ';
    return treeLines(child, others + branch, others + (isLast ? '   ' : '│  '), now);
  });
  return [line, ...below];
}

function idsOf({ messageId, children }: TreeNode): string[] {
  return [messageId, ...children.flatMap(idsOf)];
}

/** `inspect --at`. */
export function atTimeResult(deployment: string, at: AtTime, now: number): ResultOf<'inspect.at'> {
  const words: Readonly<Record<AtTime['state'], string>> = {
    'not made yet': `was not made yet: its id is of ${clockTime(at.madeAt, now)}`,
    'not committed yet': `was not committed yet: its commit came at ${clockTime(at.committedAt, now)}`,
    committed: `was committed at ${clockTime(at.committedAt, now)}, version ${at.version}`,
  };
  const outgoing = at.outgoing.map(({ id, endpoint, committedAt, wasCommitted }) => {
    const then = wasCommitted ? 'committed' : 'not committed yet';
    const when =
      committedAt === null ? 'never, as far as the journal goes' : clockTime(committedAt, now);
    return `  ${id} to ${endpoint}: ${then} (${when})`;
  });
  return {
    name: 'inspect.at',
    data: at,
    about: { deployment },
    text: [
      `${at.messageId} at ${at.endpoint}, ${isoTime(at.time)}`,
      words[at.state],
      ...(outgoing.length > 0 ? ['what it promised:', ...outgoing] : []),
      'the journal knows commits, and nothing between them',
      '',
    ].join('\n'),
    ids: [at.messageId],
  };
}
